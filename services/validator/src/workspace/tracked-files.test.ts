import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedTracked, markTracked } from './tracked-files.ts';

const blob = (path: string, content: string): TreeFile => ({
  path,
  mode: '100644',
  size: content.length,
  sha: createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex'),
});
const FILES = [blob('a.txt', 'one\n'), blob('src/b.txt', 'two\n')];
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'orchestrator-tracked-'));
  mkdirSync(join(work, 'src'));
  writeFileSync(join(work, 'a.txt'), 'one\n');
  writeFileSync(join(work, 'src/b.txt'), 'two\n');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

test.each<[string, () => void]>([
  ['nothing', () => {}],
  ['a file that is not committed', () => writeFileSync(join(work, 'c.txt'), 'x')],
  ['the same content again', () => writeFileSync(join(work, 'a.txt'), 'one\n')],
  ['other line endings', () => writeFileSync(join(work, 'a.txt'), 'one\r\n')],
  ['another time', () => utimesSync(join(work, 'a.txt'), 1, 1)],
])('%s changes no committed file', async (_what, change) => {
  const marks = markTracked(work, FILES);
  change();
  expect(await changedTracked(work, marks)).toEqual([]);
});

test.each<[string, () => void]>([
  ['another content', () => writeFileSync(join(work, 'src/b.txt'), 'tvo\n')],
  [
    'another content with the old time',
    () => {
      writeFileSync(join(work, 'src/b.txt'), 'tvo\n');
      utimesSync(join(work, 'src/b.txt'), 1, 1);
    },
  ],
  ['a file that is gone', () => rmSync(join(work, 'src/b.txt'))],
  [
    'a folder that became a file',
    () => {
      rmSync(join(work, 'src'), { recursive: true });
      writeFileSync(join(work, 'src'), 'x');
    },
  ],
  [
    'a link in its place',
    () => {
      renameSync(join(work, 'src/b.txt'), join(work, 'other.txt'));
      symlinkSync('../other.txt', join(work, 'src/b.txt'));
    },
  ],
])('%s does', async (_what, change) => {
  const marks = markTracked(work, FILES);
  change();
  expect(await changedTracked(work, marks)).toEqual(['src/b.txt']);
});
