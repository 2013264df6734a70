import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import { type Mentions, wordsOf } from './mentions.ts';

export interface Ranked {
  readonly path: string;
  readonly score: number;
  /** Why it is near to the task; the strongest reasons first. */
  readonly reason: string;
}

/** Below this a file has nothing to do with the task as far as can be told. */
export const MIN_SCORE = 2;
/** From here on a file is likely to be changed or read, so it is worth its whole text. */
export const LIKELY_SCORE = 7;

export interface Clue {
  readonly points: number;
  readonly reason: string;
}

export interface PathClues {
  readonly task: TaskView;
  readonly mentions: Mentions;
  /** Paths that the task names. */
  readonly near: readonly string[];
  /** Words of the task that few paths hold: what most paths say tells nothing. */
  readonly tellingWords: ReadonlySet<string>;
}

/** How near a path is to the task, by names alone. */
export function scoreOfPath(path: string, { task, mentions, near, tellingWords }: PathClues): Clue[] {
  const clues: Clue[] = [];
  if (inModule(path, task.module)) clues.push({ points: 5, reason: `in module ${task.module}` });
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, '');
  if (mentions.identifiers.includes(name)) clues.push({ points: 8, reason: `is ${name}` });
  const words = wordsOfPath(path).filter((word) => tellingWords.has(word));
  if (words.length > 0)
    clues.push({ points: Math.min(8, words.length * 3), reason: `name says ${words.slice(0, 3).join(', ')}` });
  const stem = stemOf(path);
  const tested = near.find((other) => other !== path && stemOf(other) === stem);
  if (tested) clues.push({ points: 4, reason: `belongs to ${tested}` });
  else if (near.some((other) => folderOf(other) === folderOf(path)))
    clues.push({ points: 1, reason: 'beside a named file' });
  return clues;
}

/** How near a file is to the task, by what it declares and uses of the names that the task mentions. */
export function scoreOfText(text: string, signatures: string, names: readonly string[]): Clue[] {
  const declared = names.filter((name) => declares(signatures, name));
  const used = names.filter((name) => !declared.includes(name) && hasWord(text, name));
  const clues: Clue[] = [];
  if (declared.length > 0)
    clues.push({ points: Math.min(12, declared.length * 5), reason: `declares ${declared.slice(0, 3).join(', ')}` });
  if (used.length > 0) clues.push({ points: Math.min(4, used.length), reason: `uses ${used.slice(0, 3).join(', ')}` });
  return clues;
}

export function ranked(path: string, clues: readonly Clue[]): Ranked {
  const strongestFirst = clues.toSorted((a, b) => b.points - a.points);
  return {
    path,
    score: clues.reduce((sum, clue) => sum + clue.points, 0),
    reason: strongestFirst.map((clue) => clue.reason).join('; '),
  };
}

/** Highest score first; equal scores by path, so that the order is the same every time. */
export const byScore = (a: Ranked, b: Ranked): number =>
  b.score - a.score || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/** Of `words`, those that at least one and not too many of `holders` have: a tenth, but always three. */
export function telling(words: readonly string[], holders: readonly (readonly string[])[]): Set<string> {
  const counts = new Map<string, number>();
  for (const held of holders) for (const word of held) counts.set(word, (counts.get(word) ?? 0) + 1);
  const most = Math.max(3, holders.length / 10);
  return new Set(words.filter((word) => (counts.get(word) ?? 0) > 0 && (counts.get(word) ?? 0) <= most));
}

export const wordsOfPath = (path: string): string[] => wordsOf(path.replace(/\.\w+$/, ''));

function inModule(path: string, module: string | null): boolean {
  if (!module) return false;
  const folder = module.replace(/^[:./]+|\/+$/g, '').replaceAll(':', '/');
  return path.startsWith(`${folder}/`) || path.includes(`/${folder}/`);
}

/** `src/csv.js`, `test/csv.test.js` and `CsvTest.java` share a stem. */
const stemOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/^test_|_?(?:test|tests|spec|it)$/, '');
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** Whether a declaration names it as what is declared, rather than as a type that it uses. */
function declares(signatures: string, name: string): boolean {
  if (!signatures.includes(name)) return false;
  const escaped = name.replaceAll('$', String.raw`\$`);
  return new RegExp(
    String.raw`(?<![\w$.])${escaped}\s*(?:<[^>\n]*>)?\s*[(:=]|(?:class|interface|trait|struct|enum|record|object|module|type|function|def|fun|func|fn|const|let|var|val|package)\s+${escaped}(?![\w$])`,
  ).test(signatures);
}

/** Whether the name stands in the text as a word of its own. */
export function hasWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!/[\w$]/.test(text[at - 1] ?? '') && !/[\w$]/.test(text[at + name.length] ?? '')) return true;
  }
  return false;
}
