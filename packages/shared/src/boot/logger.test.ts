import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { openLogFile } from './log-file.ts';
import { type LogScreen, openLogger, sink } from './logger.ts';
import { forgetSecrets, registerSecrets } from './redact.ts';

const home = (): string => mkdtempSync(join(tmpdir(), 'orchestrator-log-'));
const screen = (over: Partial<LogScreen> = {}): { screen: LogScreen; text: () => string } => {
  let text = '';
  return {
    screen: {
      write: (part) => {
        text += part;
      },
      pretty: false,
      color: false,
      ...over,
    },
    text: () => text,
  };
};
const linesOf = (dir: string): Record<string, unknown>[] =>
  readdirSync(join(dir, 'logs')).flatMap((name) =>
    readFileSync(join(dir, 'logs', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );

afterEach(forgetSecrets);

describe('openLogger', () => {
  it('gives every line its time, level and the six fields, null where they do not apply', () => {
    const { log, lines } = sink();

    log.child({ run: 'r1', stage: 'code' }).info({ tokens: 12, costNanoUsd: '345', outcome: 'advance' }, 'stage ended');
    log.info('ready');

    expect(lines[0]).toMatchObject({
      level: 'info',
      msg: 'stage ended',
      run: 'r1',
      stage: 'code',
      tokens: 12,
      costNanoUsd: '345',
      outcome: 'advance',
      error: null,
    });
    expect(lines[1]).toMatchObject({
      msg: 'ready',
      run: null,
      stage: null,
      tokens: null,
      costNanoUsd: null,
      outcome: null,
      error: null,
    });
    expect(Number.isNaN(Date.parse(lines[0]?.time ?? ''))).toBe(false);
  });

  it('logs an AppError with its code and next step, and what caused it', () => {
    const { log, lines } = sink();

    log.error(
      { err: new AppError('KEY_MISSING', { variable: 'OPENAI_API_KEY' }, { cause: new Error('underneath') }) },
      'stage failed',
    );

    expect(lines[0]?.error).toMatchObject({
      code: 'KEY_MISSING',
      message: 'OPENAI_API_KEY is not set.',
      next: expect.stringContaining('OPENAI_API_KEY_FILE'),
    });
    expect(lines[0]?.error).toMatchObject({ stack: expect.stringContaining('underneath') });
  });

  it('never writes a secret, wherever in the line it stands', () => {
    const dir = home();
    registerSecrets(['correct-horse-battery']);
    const shown = screen();
    const { log, close } = openLogger({
      env: { ORCHESTRATOR_HOME: dir, ORCHESTRATOR_LOG_LEVEL: 'info' },
      service: 'test',
      screen: shown.screen,
    });

    log
      .child({ note: 'correct-horse-battery' })
      .warn({ deep: [{ x: 'a correct-horse-battery b' }], apiKey: 'tiny' }, 'said correct-horse-battery');
    log.error(new Error('thrown with correct-horse-battery'));
    close();

    const written = JSON.stringify(linesOf(dir)) + shown.text();
    expect(written).not.toContain('correct-horse-battery');
    expect(written).not.toContain('tiny');
    expect(written.split('***').length).toBeGreaterThan(6);
  });

  it('shows short lines to people and keeps its own level for the screen', () => {
    const dir = home();
    const shown = screen({ pretty: true, level: 'warn' });
    const { log, close } = openLogger({
      env: { ORCHESTRATOR_HOME: dir, ORCHESTRATOR_LOG_LEVEL: 'info' },
      service: 'test',
      screen: shown.screen,
    });

    log.info('for the file');
    log.warn({ run: 'r1' }, 'for both');
    close();

    expect(linesOf(dir).map(({ msg }) => msg)).toEqual(['for the file', 'for both']);
    expect(shown.text()).toMatch(/WARN.*: for both \{"run":"r1"\}\n/);
    expect(shown.text()).not.toContain('for the file');
  });

  it.skipIf(process.getuid?.() === 0)('goes on without a file where the home is read-only, and says so once', () => {
    const dir = home();
    chmodSync(dir, 0o500);
    const shown = screen();
    const { log } = openLogger({
      env: { ORCHESTRATOR_HOME: dir, ORCHESTRATOR_LOG_LEVEL: 'info' },
      service: 'test',
      screen: shown.screen,
    });

    log.info('one');
    log.info('two');

    expect(shown.text().match(/cannot be written \(EACCES\)/g)).toHaveLength(1);
    expect(shown.text()).toContain('"two"');
  });

  it('goes on without a file where a file stands in the place of the folder', () => {
    const dir = home();
    writeFileSync(join(dir, 'logs'), '');
    const shown = screen();
    const { log } = openLogger({
      env: { ORCHESTRATOR_HOME: dir, ORCHESTRATOR_LOG_LEVEL: 'info' },
      service: 'test',
      screen: shown.screen,
    });

    log.info('one');

    expect(shown.text()).toMatch(/cannot be written \((EEXIST|ENOTDIR)\)/);
  });
});

describe('openLogFile', () => {
  it('begins a new file at midnight UTC and appends to what is there', () => {
    const dir = join(home(), 'logs');
    mkdirSync(dir);
    writeFileSync(join(dir, 'orchestrator_20260131.log'), 'before\n');
    let now = new Date('2026-01-31T23:59:59.999Z');
    const file = openLogFile({
      dir,
      now: () => now,
      onError: (error) => {
        throw error;
      },
    });

    file.write('last of January\n');
    now = new Date('2026-02-01T00:00:00.000Z');
    file.write('first of February\n');
    file.close();

    expect(readFileSync(join(dir, 'orchestrator_20260131.log'), 'utf8')).toBe('before\nlast of January\n');
    expect(readFileSync(join(dir, 'orchestrator_20260201.log'), 'utf8')).toBe('first of February\n');
  });
});
