import { EVENT_TYPES, type EventType } from '@orchestrator/shared/contracts/events.ts';
import { problemOf } from '@orchestrator/testkit/discord/limits.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../channel.ts';
import { embedOf, testEmbed } from './embed.ts';

const RUN = { id: 'run-1', taskKey: 'task_1', title: 'Add a cache', round: 2, costNanoUsd: 123_456_789n, url: null };
const notice = (type: EventType, data: object, run: Partial<NonNullable<Notice['run']>> | null = {}): Notice => ({
  eventId: 1n,
  type,
  at: new Date('2026-03-01T12:00:00Z'),
  data: data as Record<string, unknown>,
  repository: { name: 'app', url: '/srv/app' },
  run: run === null ? null : { ...RUN, ...run },
});
const fieldsOf = (each: Notice) =>
  Object.fromEntries((embedOf(each).fields ?? []).map(({ name, value }) => [name, value]));
const allText = (each: Notice) => JSON.stringify(embedOf(each));

describe('each event says what matters:', () => {
  test('a published change names branch, size and patch', () => {
    const published = notice('run.published', {
      branch: 'ai/task_1',
      headCommit: 'a'.repeat(40),
      files: 2,
      addedLines: 40,
      deletedLines: 3,
      patch: '/h/patches/task_1.patch',
    });
    expect(embedOf(published)).toMatchObject({
      title: 'Published: Add a cache',
      color: 0x2ecc71,
      timestamp: '2026-03-01T12:00:00.000Z',
      footer: { text: 'task_1 · run run-1' },
    });
    expect(fieldsOf(published)).toEqual({
      Branch: '`ai/task_1`',
      Commit: '`aaaaaaaaaaaa`',
      Change: '2 files, +40 -3 lines',
      Patch: '`/h/patches/task_1.patch`',
      Repository: 'app',
      'Cost so far': '$0.1234',
    });
  });

  test('a pull request is linked to, and nothing but a web address is', () => {
    expect(embedOf(notice('run.published', { url: 'https://example.com/pull/1' })).url).toBe(
      'https://example.com/pull/1',
    );
    expect(embedOf(notice('run.merged', {}, { url: 'https://example.com/pull/2' })).url).toBe(
      'https://example.com/pull/2',
    );
    expect(embedOf(notice('run.published', { url: 'javascript:alert(1)' })).url).toBeUndefined();
  });

  test('a failure says why, a waiting run until when, each reader in their own time', () => {
    expect(
      embedOf(notice('run.failed', { code: 'NO_PROGRESS', message: 'The same failure came back.' })).description,
    ).toBe('The same failure came back.');
    expect(
      fieldsOf(notice('run.parked', { reason: 'budget', stage: 'code', until: '2026-03-02T00:00:00Z' })),
    ).toMatchObject({ Why: 'budget', Stage: 'code', Until: '<t:1772409600:f> (<t:1772409600:R>)' });
  });

  test('a validation shows whether it passed, and otherwise what failed first', () => {
    const totals = { passed: 3, failed: 2, skipped: 0 };
    expect(embedOf(notice('run.validated', { passed: true, totals })).title).toBe('Validation passed: Add a cache');
    const first = { code: 'TEST_FAILED', file: 'a.test.js', line: 7, test: 'adds', message: 'expected 2, got 3' };
    const failed = notice('run.validated', {
      passed: false,
      round: 1,
      totals,
      baseTotals: { passed: 5, failed: 0, skipped: 0 },
      errors: 2,
      first,
      flaky: 0,
      sandbox: 'none',
    });
    expect(embedOf(failed)).toMatchObject({
      title: 'Validation failed: Add a cache',
      description: '`a.test.js:7`\n`adds`\nexpected 2, got 3',
    });
    expect(fieldsOf(failed)).toMatchObject({
      Tests: '3 passed, 2 failed, 0 skipped',
      'Tests before': '5 passed, 0 failed, 0 skipped',
      Errors: '2',
      Round: '1',
      Sandbox: '**none**: executed without one',
    });
  });

  test('a budget alert shows money exactly, in the colour of its level', () => {
    const alert = notice(
      'budget.alert',
      {
        percent: 95,
        level: 'red',
        phase: 'launch',
        spentNanoUsd: '28500000001',
        limitNanoUsd: '30000000000',
        windowEndsAt: null,
      },
      null,
    );
    expect(embedOf(alert)).toMatchObject({ title: 'Budget: 95 % spent', color: 0xe74c3c });
    expect(fieldsOf(alert)).toMatchObject({ Spent: '$28.5000', Limit: '$30.0000', Phase: 'launch' });
  });

  test('a broken task file shows its problems by line', () => {
    const broken = notice(
      'tasks.invalid',
      {
        file: 'docs/TASKS.md',
        count: 12,
        problems: Array.from({ length: 12 }, (_, index) => ({ line: index + 1, message: `problem ${index}` })),
      },
      null,
    );
    expect(embedOf(broken)).toMatchObject({
      title: '12 problem(s) in docs/TASKS.md',
      description: expect.stringMatching(/^Line 1: problem 0\n[\s\S]*… and 2 more$/),
    });
  });
});

describe('text of models and task files has no power:', () => {
  const said = (summary: string) => embedOf(notice('run.specified', { summary })).description;

  test.each([
    ['@everyone and @here', '@\u200beveryone and @\u200bhere'],
    ['<@1234> <@&5> <#6>', '\\<@\u200b1234\\> \\<@\u200b&5\\> \\<\\#6\\>'],
    ['[free money](https://evil.example)', '\\[free money\\](https://evil.example)'],
    ['**bold** `code` ||hidden|| ~~gone~~', '\\*\\*bold\\*\\* \\`code\\` \\|\\|hidden\\|\\| \\~\\~gone\\~\\~'],
    ['# heading\n- item\n1. item', '\\# heading\n\\- item\n\\1. item'],
    ['safe\u202etxt.exe\u200b\u0007', 'safetxt.exe'],
    ['\\', '\\\\'],
  ])('%j', (summary, shown) => {
    expect(said(summary)).toBe(shown);
  });

  test('a branch or path in code cannot end the code', () => {
    expect(fieldsOf(notice('run.started', { branch: 'ai/`@everyone`' })).Branch).toBe('`ai/ˋ@\u200beveryoneˋ`');
  });

  test('a secret in a text is masked', () => {
    expect(said('the key is ghp_0123456789abcdefghijABCDEFGHIJ012345')).toBe('the key is ghp\\_\\*\\*\\*');
  });
});

describe('Discord takes', () => {
  const long = fc.string({
    unit: fc.constantFrom('x', '@', '`', '*', '😀', '\\', '\n', '[', '\u202e'),
    maxLength: 9_000,
  });
  const value = fc.oneof(
    long,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(long, { maxLength: 60 }),
    fc.array(fc.record({ line: fc.integer(), message: long }), { maxLength: 40 }),
  );
  const names = [
    'branch',
    'summary',
    'files',
    'message',
    'code',
    'reason',
    'problems',
    'file',
    'percent',
    'level',
    'spentNanoUsd',
    'passed',
    'totals',
    'url',
    'until',
    'name',
    'count',
    'stage',
    'patch',
    'headCommit',
    'findings',
    'priority',
    'first',
    'errors',
    'baseTotals',
    'sandbox',
  ];
  const data = fc.dictionary(fc.constantFrom(...names), value);

  test('whatever an event holds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVENT_TYPES), data, long, (type, each, title) => {
        expect(problemOf({ embeds: [embedOf(notice(type, each, { title, taskKey: title }))] })).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('an event with no data at all, and the test message', () => {
    for (const type of EVENT_TYPES) expect(problemOf({ embeds: [embedOf(notice(type, {}))] })).toBeNull();
    expect(problemOf({ embeds: [testEmbed()] })).toBeNull();
  });

  test('a text that is cut, but not within a character or an escape', () => {
    const text = embedOf(notice('run.failed', { message: '😀*'.repeat(3_000) })).description as string;
    expect(text.isWellFormed()).toBe(true);
    expect(text).toMatch(/(\\\*|😀)…$/u);
    expect(allText(notice('run.specified', { summary: '\\'.repeat(5_000) }))).toContain('…');
  });
});
