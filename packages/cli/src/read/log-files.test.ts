import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '@orchestrator/shared/boot/log-line.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/spawn-cli.ts';
import { followLines, lastLines, logFiles, logMatcher } from './log-files.ts';

let home: string;
const line = (msg: string, over: Partial<LogLine> = {}): string =>
  `${JSON.stringify({ time: '2026-01-31T12:00:00.000Z', level: 'info', msg, run: null, ...over })}\n`;
const file = (day: string): string => join(home, 'logs', `orchestrator_${day}.log`);

beforeEach(() => {
  home = temporaryFolder();
  mkdirSync(join(home, 'logs'));
});

describe('lastLines', () => {
  it('gives the newest lines of all days, oldest first, and passes over what is no line', async () => {
    writeFileSync(file('20260131'), `${line('a')}${line('b')}half a li`);
    writeFileSync(file('20260201'), line('c'));
    writeFileSync(join(home, 'logs', 'other.log'), line('not ours'));

    expect((await lastLines(logFiles(home), () => true, 2)).map(({ msg }) => msg)).toEqual(['b', 'c']);
  });

  it('knows the lines of a task by its runs', async () => {
    writeFileSync(
      file('20260131'),
      line('one', { run: 'r1', task: 'a' }) +
        line('two', { run: 'r1' }) +
        line('three', { run: 'r2', task: 'b' }) +
        line('four', { run: 'r2', level: 'warn' }),
    );
    const wanted = async (filter: Parameters<typeof logMatcher>[0]) =>
      (await lastLines(logFiles(home), logMatcher(filter), 9)).map(({ msg }) => msg);

    expect(await wanted({ task: 'a', level: 'info' })).toEqual(['one', 'two']);
    expect(await wanted({ run: 'r2', level: 'info' })).toEqual(['three', 'four']);
    expect(await wanted({ level: 'warn' })).toEqual(['four']);
  });
});

describe('followLines', () => {
  it('gives lines as they are written, whole, over midnight too', async () => {
    writeFileSync(file('20260131'), line('before'));
    const stop = new AbortController();
    const lines = followLines(home, stop.signal);
    const first = lines.next();
    const text = line('late');

    appendFileSync(file('20260131'), text.slice(0, 10));
    appendFileSync(file('20260131'), text.slice(10));
    expect((await first).value).toMatchObject({ msg: 'late' });
    writeFileSync(file('20260201'), line('early'));
    expect((await lines.next()).value).toMatchObject({ msg: 'early' });

    stop.abort();
    expect(await lines.next()).toEqual({ done: true, value: undefined });
  });
});
