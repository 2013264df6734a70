import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { looksLikeSecret } from '@orchestrator/shared/repo/unreadable.ts';
import { isBinaryFileSync } from 'isbinaryfile';
import type { CurrentTree } from '../guard/base-files.ts';
import { resolveExisting } from '../guard/resolve-path.ts';
import { decodeText } from '../guard/text-file.ts';
import { cleanFileText } from '../text/clean-text.ts';
import { countTokens } from './count-tokens.ts';
import { excerpt } from './excerpt.ts';

/** A file as the coder is shown it. */
export interface ShownFile {
  readonly path: string;
  readonly text: string;
  readonly whole: boolean;
}

export interface FileChoice {
  readonly files: readonly ShownFile[];
  /** Paths that were asked for and are not shown, with the reason. */
  readonly notes: readonly string[];
}

const TAG_TOKENS = 40;

/** What the tags around a file take. */
export const tagTokens = (path: string): number => TAG_TOKENS + countTokens(path);

const MIN_EXCERPT_TOKENS = 300;

export interface WantedPaths {
  /** Shown in excerpts rather than not at all. */
  readonly change: readonly string[];
  readonly read: readonly string[];
}

/** Paths in the order in which they matter: what changes, its tests, what is read, the task's own documents. */
export function pathsToShow(
  specification: Specification,
  changed: readonly string[],
  documents: readonly string[],
): WantedPaths {
  const { filesToChange, tests, filesToRead } = specification;
  const change = [
    ...new Set([...filesToChange.map((file) => file.path), ...changed, ...tests.map((test) => test.path)]),
  ];
  return { change, read: [...new Set([...filesToRead, ...documents])].filter((path) => !change.includes(path)) };
}

/** Files in full as far as `maxTokens` goes. */
export function chooseFiles(
  tree: CurrentTree,
  { change, read }: WantedPaths,
  words: readonly string[],
  maxTokens: number,
): FileChoice {
  const files: ShownFile[] = [];
  const notes: string[] = [];
  let left = maxTokens;
  for (const path of [...change, ...read]) {
    const found = readShown(tree, path);
    if (typeof found === 'string') {
      if (found !== '') notes.push(`${path}: ${found}`);
      continue;
    }
    if (files.some((file) => file.path === found.path)) continue;
    const room = left - tagTokens(found.path);
    // A token has at most some dozen characters, so a file far beyond the room need not be counted.
    const whole = found.text.length <= room * 16 && countTokens(found.text) <= room;
    if (whole || (change.includes(path) && room >= MIN_EXCERPT_TOKENS)) {
      const shown = { path: found.path, text: whole ? found.text : excerpt(found.text, words, room), whole };
      files.push(shown);
      left -= countTokens(shown.text) + tagTokens(found.path);
    } else notes.push(`${found.path}: not shown, there is no room`);
  }
  return { files, notes };
}

/** The file, or why it is not shown; an empty reason where there is nothing to say. */
function readShown(tree: CurrentTree, written: string): { path: string; text: string } | string {
  const path = resolveExisting(tree, written);
  if (typeof path !== 'string') return path.code === 'FILE_NOT_FOUND' ? 'does not exist yet' : path.problem;
  return readCleanText(tree, path) ?? 'not shown: it is too large, binary, not UTF-8, or looks like a secret';
}

/** A file of the tree as a model may see it: line feeds only, cleaned. Null if it has no text. */
export function readCleanText(tree: CurrentTree, path: string): { path: string; text: string } | null {
  const bytes = tree.get(path)?.bytes() ?? null;
  const file = bytes === null || bytes.includes(0) || isBinaryFileSync(bytes) ? null : decodeText(bytes);
  if (file === null) return null;
  const text = file.lines.map((line) => line.text).join('\n');
  return looksLikeSecret(path, text) ? null : { path, text: cleanFileText(text) };
}
