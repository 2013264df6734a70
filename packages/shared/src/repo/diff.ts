import { type GitOptions, git } from './git.ts';
import type { DiffStat } from './mirror.ts';

type Access = Pick<GitOptions, 'gitDir' | 'signal'>;

const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color', '--find-renames'];

/** Unified diff of two commits. Bytes that are no UTF-8 are replaced: see formatPatch for exact ones. */
export async function diffCommits(base: string, head: string, access: Access): Promise<string> {
  return (await git(['diff', ...PLAIN, '--end-of-options', base, head, '--'], access)).stdout.toString('utf8');
}

/** One commit as a mail that `git am` takes, byte for byte; binary files included. */
export async function formatPatch(commit: string, access: Access): Promise<Buffer> {
  const flags = ['--stdout', '--binary', '--full-index', '--no-signature', '--no-stat', '-1'];
  return (await git(['format-patch', ...PLAIN, ...flags, '--end-of-options', commit, '--'], access)).stdout;
}

/** Files and lines that differ. A binary file counts as a file with no lines. */
export async function diffStat(base: string, head: string, access: Access): Promise<DiffStat> {
  const { stdout } = await git(['diff', ...PLAIN, '--numstat', '--end-of-options', base, head, '--'], access);
  const rows = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const sum = (column: number) => rows.reduce((total, row) => total + (Number(row.split('\t')[column]) || 0), 0);
  return { files: rows.length, addedLines: sum(0), deletedLines: sum(1) };
}
