import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Style } from './style.ts';

/** Values of an event's data, which may come from another version: what is not as expected is left out. */
export type Data = Readonly<Record<string, unknown>>;

export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** How many: a number, or the length of a list. */
export const count = (value: unknown): number | null =>
  typeof value === 'number' ? value : Array.isArray(value) ? value.length : null;

/** Decimal text of nano-dollars as dollars. */
export const usd = (value: unknown): string =>
  typeof value === 'string' && /^\d+$/.test(value) ? formatUsd(BigInt(value), 4) : '';

const MAX_PATHS = 15;

/** Paths as a list of lines. */
export function paths(value: unknown, style: Style): string {
  if (!Array.isArray(value)) return '';
  const shown = value.slice(0, MAX_PATHS).map((path) => style.code(text(path), 60));
  return [...shown, ...(value.length > MAX_PATHS ? [`… and ${value.length - MAX_PATHS} more`] : [])].join('\n');
}

/** "3 files, +40 -2 lines" */
export function changeSize({ files, addedLines, deletedLines }: Data): string {
  const fileCount = count(files);
  if (fileCount === null) return '';
  const lines =
    typeof addedLines === 'number' && typeof deletedLines === 'number' ? `, +${addedLines} -${deletedLines} lines` : '';
  return `${fileCount} ${fileCount === 1 ? 'file' : 'files'}${lines}`;
}
