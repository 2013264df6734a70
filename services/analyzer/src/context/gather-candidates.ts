import { setImmediate } from 'node:timers/promises';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { unreadableByName } from '@orchestrator/shared/repo/unreadable.ts';
import { conventionFiles } from './conventions.ts';
import { mentionsOf } from './mentions.ts';
import { namedFiles } from './named-files.ts';
import {
  byScore,
  hasWord,
  MIN_SCORE,
  type PathClues,
  type Ranked,
  ranked,
  scoreOfPath,
  scoreOfText,
  telling,
  wordsOfPath,
} from './rank-files.ts';
import { readableFiles, withinBytes } from './readable-files.ts';
import { isSource, signaturesOf } from './signatures.ts';

/** What could be shown of a repository for a task, before anything is left out for room. */
export interface Candidates {
  /** Every path that a model may know of. */
  readonly paths: readonly string[];
  /** Files that the task points at, with the reason, most explicit first. */
  readonly named: ReadonlyMap<string, string>;
  readonly conventions: readonly string[];
  /** Sources that have something to do with the task, nearest first, without the named ones. */
  readonly ranked: readonly Ranked[];
  /** Contents of all of these, as a model may see them. */
  readonly texts: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** A repository can be larger than memory: candidates are read by rank until this is used up. */
const MAX_READ_BYTES = 4_000_000;

export async function gatherCandidates(mirror: Mirror, commit: string, task: TaskView): Promise<Candidates> {
  const tree = await mirror.listFiles(commit);
  const refused = new Map<string, string>();
  for (const file of tree) {
    const reason = unreadableByName(file);
    if (reason) refused.set(file.path, reason);
  }
  const all = tree.map((file) => file.path);
  const paths = all.filter((path) => !refused.has(path));

  const mentions = mentionsOf(task);
  const { named, absent } = namedFiles(task, mentions, all);
  const conventions = conventionFiles(paths);
  const sources = paths.filter(isSource);
  const tellingWords = telling(mentions.words, sources.map(wordsOfPath));
  const clues: PathClues = { task, mentions, near: [...named.keys()], tellingWords };
  const byName = sources.map((path) => ranked(path, scoreOfPath(path, clues))).sort(byScore);
  const wanted = new Set([...named.keys(), ...conventions, ...byName.map((file) => file.path)]);
  const sizes = new Map(tree.map((file) => [file.path, file]));
  const reading = withinBytes(
    [...wanted].filter((path) => !refused.has(path)),
    sizes,
    MAX_READ_BYTES,
  );
  const read = await readableFiles(mirror, commit, reading);

  const notes = absent.map((path) => `${path} is named by the task and does not exist`);
  for (const path of named.keys()) {
    const reason = refused.get(path) ?? read.refused.get(path);
    if (reason) notes.push(`${path} is named by the task and not shown: it ${reason}`);
  }
  return { paths, named, conventions, ranked: await rankTexts(read.texts, clues), texts: read.texts, notes };
}

/** Ranks the sources that were read, without those that the task names. */
async function rankTexts(texts: ReadonlyMap<string, string>, clues: PathClues): Promise<Ranked[]> {
  const sources = [...texts].filter(([path]) => isSource(path));
  const { identifiers } = clues.mentions;
  const held: string[][] = [];
  for (const [, text] of sources) {
    held.push(identifiers.filter((name) => hasWord(text, name)));
    // Megabytes are searched here: leases of other work are renewed in between.
    if (held.length % 50 === 0) await setImmediate();
  }
  const names = telling(identifiers, held);
  const near = new Set(clues.near);
  const files = sources.flatMap(([path, text], index) => {
    if (near.has(path)) return [];
    const mentioned = (held[index] ?? []).filter((name) => names.has(name));
    const inText = mentioned.length > 0 ? scoreOfText(text, signaturesOf(path, text), mentioned) : [];
    return ranked(path, [...scoreOfPath(path, clues), ...inText]);
  });
  return files.filter((file) => file.score >= MIN_SCORE).sort(byScore);
}
