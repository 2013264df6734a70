import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import type { Recipe, ReportFiles } from '../recipe.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { findByGlob } from '../workspace/folder-globs.ts';
import type { RunDirectory } from '../workspace/run-directory.ts';
import { readJestJson } from './jest-json.ts';
import { readJunit } from './junit.ts';
import { readNodeEvents } from './node-events.ts';
import { readTrx } from './trx.ts';

const READERS: Readonly<Record<ReportFiles['format'], (text: string, layout: BoxLayout) => TestResult[]>> = {
  junit: readJunit,
  'jest-json': readJestJson,
  'node-events': readNodeEvents,
  trx: readTrx,
};

export const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const MAX_REPORT_FILES = 5_000;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
/** Clocks of file systems are coarser than ours. */
const CLOCK_SLACK_MS = 50;
const REPORTS_PREFIX = '{reports}/';

/** Where a run's reports are, and since when. */
export interface ReportPlace {
  readonly directory: RunDirectory;
  readonly recipe: Recipe;
  readonly layout: BoxLayout;
  /** The folder below `directory.reports` that stands for {reports}: new for each run, so that nobody can foresee it. */
  readonly nonce: string;
  readonly startedAt: number;
}

/**
 * Reads the report files that the commands wrote since `startedAt`; one list a file. What a test wrote is not trusted:
 * links, special files, files with other names on them, too large and unreadable ones are left out, as if absent.
 */
export async function collectReports(place: ReportPlace): Promise<TestResult[][]> {
  const { layout, startedAt } = place;
  const found: TestResult[][] = [];
  let totalBytes = 0;
  for (const { path, format } of (await reportFiles(place)).slice(0, MAX_REPORT_FILES)) {
    const text = await readReport(path, startedAt);
    if (text === null) continue;
    totalBytes += text.length;
    if (totalBytes > MAX_TOTAL_BYTES) break;
    try {
      found.push(READERS[format](text, layout));
    } catch {
      // Not a report: as if it were missing, which the comparison with the baseline notices.
    }
  }
  return found;
}

/** Removes what looks like a report before a run: files that were committed, or left by an earlier command. */
export async function removeOldReports(place: ReportPlace): Promise<void> {
  for (const { path } of await reportFiles(place)) await rm(path, { force: true });
}

/**
 * What lies in the folder for reports although no command was to write it there; at most a few are named. A runner's
 * report has a name that the recipe gave.
 */
export async function foreignReports(place: ReportPlace): Promise<string[]> {
  const { directory, nonce } = place;
  if (!(await isFolder(join(directory.reports, nonce)))) return [nonce];
  const expected = new Set((await reportFiles(place)).map(({ path }) => path));
  const foreign: string[] = [];
  for (const entry of await readdir(directory.reports, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || expected.has(path)) continue;
    foreign.push(path.slice(directory.reports.length + 1));
    if (foreign.length >= MAX_NAMED) break;
  }
  return foreign;
}

const MAX_NAMED = 10;
const isFolder = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => null))?.isDirectory() ?? false;

async function reportFiles({
  directory,
  nonce,
  recipe: { reports },
}: ReportPlace): Promise<{ path: string; format: ReportFiles['format'] }[]> {
  const files: { path: string; format: ReportFiles['format'] }[] = [];
  for (const { format, glob } of reports) {
    const own = glob.startsWith(REPORTS_PREFIX);
    const root = own ? join(directory.reports, nonce) : directory.work;
    if (own && !(await isFolder(root))) continue;
    const globs = [own ? glob.slice(REPORTS_PREFIX.length) : glob];
    for (const path of await findByGlob(root, { globs, kind: 'file', skip: ['.git', 'node_modules'] }))
      files.push({ path: join(root, path), format });
  }
  return files;
}

async function readReport(path: string, startedAt: number): Promise<string | null> {
  let file: FileHandle | undefined;
  try {
    // NONBLOCK: opening a pipe must not wait for a writer that will never come.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    if (
      !found.isFile() ||
      found.nlink !== 1 ||
      found.size > MAX_REPORT_BYTES ||
      found.mtimeMs < startedAt - CLOCK_SLACK_MS
    )
      return null;
    const buffer = Buffer.alloc(found.size);
    const { bytesRead } = await file.read(buffer, 0, found.size, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch {
    return null;
  } finally {
    await file?.close();
  }
}
