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
import { collectReports, foreignReports, MAX_REPORT_BYTES, removeOldReports } from './collect-reports.ts';

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
  mkdirSync(join(directory.reports, NONCE));
  startedAt = Date.now();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NONCE = 'r1';
const place = () => ({ directory, recipe, layout: { ...directory, kit: '' }, nonce: NONCE, startedAt });
const collect = () => collectReports(place());

test('reports of both places are read', async () => {
  writeFileSync(join(directory.work, 'target/TEST-a.xml'), XML);
  writeFileSync(join(directory.reports, NONCE, 'b.xml'), XML);
  expect(await collect()).toHaveLength(2);
});

test('a report that is older than the run is not read, and none is left before one', async () => {
  const path = join(directory.work, 'target/TEST-a.xml');
  writeFileSync(path, XML);
  utimesSync(path, new Date(startedAt - 60_000), new Date(startedAt - 60_000));
  expect(await collect()).toEqual([]);
  await removeOldReports(place());
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
    'half a gigabyte',
    (path) => {
      writeFileSync(path, XML);
      truncateSync(path, 500 * 1024 * 1024);
    },
  ],
  [
    'what is no report',
    (path) => {
      writeFileSync(path, 'BUILD SUCCESS');
    },
  ],
])('%s is as good as no report', async (_what, make) => {
  make(join(directory.reports, NONCE, 'b.xml'));
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
  await removeOldReports(place());
  expect(readFileSync(join(outside, 'TEST-a.xml'), 'utf8')).toBe(XML);
});

test('a file that no command was to write among the reports is named, whatever it is', async () => {
  const reports = join(directory.reports, NONCE);
  writeFileSync(join(reports, 'b.xml'), XML);
  expect(await foreignReports(place())).toEqual([]);
  writeFileSync(join(reports, 'c.txt'), XML);
  symlinkSync('/etc/passwd', join(reports, 'd.xml'));
  writeFileSync(join(directory.reports, 'b.xml'), XML);
  mkdirSync(join(directory.reports, 'other'));
  writeFileSync(join(directory.reports, 'other/b.xml'), XML);
  expect((await foreignReports(place())).sort()).toEqual(['b.xml', 'other/b.xml', `${NONCE}/c.txt`, `${NONCE}/d.xml`]);
  expect(await collect()).toHaveLength(1);
});

test('a folder of reports that was replaced by a link is not entered', async () => {
  const outside = join(home, 'elsewhere');
  mkdirSync(outside);
  writeFileSync(join(outside, 'b.xml'), XML);
  rmSync(join(directory.reports, NONCE), { recursive: true });
  symlinkSync(outside, join(directory.reports, NONCE));
  expect(await collect()).toEqual([]);
  expect(await foreignReports(place())).toEqual([NONCE]);
  await removeOldReports(place());
  expect(readFileSync(join(outside, 'b.xml'), 'utf8')).toBe(XML);
});
