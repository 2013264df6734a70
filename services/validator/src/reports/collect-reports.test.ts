import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Recipe } from '../recipe.ts';
import { makeRunDirectory, type RunDirectory } from '../workspace/run-directory.ts';
import { collectReports, MAX_REPORT_BYTES, removeOldReports } from './collect-reports.ts';

const XML = '<testsuite name="s"><testcase name="t"/></testsuite>';
const recipe = {
  reports: [
    { format: 'junit', glob: 'target/TEST-*.xml' },
    { format: 'junit', glob: '{reports}/*.xml' },
  ],
} as unknown as Recipe;

let home: string;
let directory: RunDirectory;
let startedAt: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'orchestrator-reports-'));
  directory = await makeRunDirectory(home);
  mkdirSync(join(directory.work, 'target'));
  startedAt = Date.now();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const collect = () => collectReports(directory, recipe, { ...directory, kit: '' }, startedAt);

test('reports of both places are read', async () => {
  writeFileSync(join(directory.work, 'target/TEST-a.xml'), XML);
  writeFileSync(join(directory.reports, 'b.xml'), XML);
  expect(await collect()).toHaveLength(2);
});

test('a report that is older than the run is not read, and none is left before one', async () => {
  const path = join(directory.work, 'target/TEST-a.xml');
  writeFileSync(path, XML);
  utimesSync(path, new Date(startedAt - 60_000), new Date(startedAt - 60_000));
  expect(await collect()).toEqual([]);
  await removeOldReports(directory, recipe);
  expect(() => readFileSync(path)).toThrow(/ENOENT/);
});

test.each<[string, (path: string) => void]>([
  ['a link to a file of the machine', (path) => symlinkSync('/etc/passwd', path)],
  [
    'a link to another report',
    (path) => {
      writeFileSync(`${path}.real`, XML);
      symlinkSync(`${path}.real`, path);
    },
  ],
  [
    'a second name of a file',
    (path) => {
      writeFileSync(`${path}.real`, XML);
      linkSync(`${path}.real`, path);
    },
  ],
  [
    'a pipe, which would block',
    (path) => {
      execFileSync('mkfifo', [path]);
    },
  ],
  [
    'a folder',
    (path) => {
      mkdirSync(path);
    },
  ],
  [
    'too many bytes',
    (path) => {
      writeFileSync(path, XML);
      truncateSync(path, MAX_REPORT_BYTES + 1);
    },
  ],
  [
    'what is no report',
    (path) => {
      writeFileSync(path, 'BUILD SUCCESS');
    },
  ],
])('%s is as good as no report', async (_what, make) => {
  make(join(directory.reports, 'b.xml'));
  make(join(directory.work, 'target/TEST-a.xml'));
  expect(await collect()).toEqual([]);
});

test('a folder that is a link is not entered', async () => {
  const outside = join(home, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'TEST-a.xml'), XML);
  rmSync(join(directory.work, 'target'), { recursive: true });
  symlinkSync(outside, join(directory.work, 'target'));
  expect(await collect()).toEqual([]);
  await removeOldReports(directory, recipe);
  expect(readFileSync(join(outside, 'TEST-a.xml'), 'utf8')).toBe(XML);
});
