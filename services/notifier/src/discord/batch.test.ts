import { EVENT_TYPES, type EventType } from '@orchestrator/shared/contracts/events.ts';
import { problemOf } from '@orchestrator/testkit/discord/limits.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Notice } from '../channel.ts';
import { slackMessage } from '../slack/message.ts';
import { moneyBar } from '../told/money-bar.ts';
import { embedsOf } from './batch.ts';
import { runEmbed } from './run-embed.ts';

const long = fc.string({
  unit: fc.constantFrom('x', '@', '`', '*', '😀', '\\', '\n', '[', ']', '<', '\u202e'),
  maxLength: 3_000,
});
const address = fc.oneof(
  fc.constant(null),
  fc.constant('https://example.com/pull/1'),
  fc
    .string({ unit: fc.constantFrom('a', '/', '(', ')', '|', '>'), maxLength: 2_500 })
    .map((path) => `https://example.com/${path}`),
);
const data = fc.dictionary(
  fc.constantFrom(
    'summary',
    'message',
    'code',
    'url',
    'what',
    'why',
    'next',
    'name',
    'spentNanoUsd',
    'limitNanoUsd',
    'problems',
    'file',
    'before',
  ),
  fc.oneof(
    long,
    address,
    fc.bigInt({ min: 0n, max: 10n ** 14n }).map(String),
    fc.constant({ name: 'x', spentNanoUsd: '1', limitNanoUsd: '2' }),
  ),
);
const notice = fc
  .record({
    type: fc.constantFrom<EventType>(...EVENT_TYPES),
    data,
    title: long,
    url: address,
    id: fc.nat(),
    hasRun: fc.boolean(),
    finding: long,
  })
  .map(
    ({ type, data: each, title, url, id, hasRun, finding }): Notice => ({
      eventId: BigInt(id),
      type,
      at: new Date('2026-03-01T12:00:00Z'),
      data: each,
      repository: { name: title, url: '/srv' },
      run: hasRun
        ? {
            id: 'r',
            taskKey: 't',
            title,
            round: 1,
            costNanoUsd: 1n,
            url,
            findings: [{ message: finding, file: title, line: 1 }],
          }
        : null,
    }),
  );
const notices = fc.array(notice, { minLength: 1, maxLength: 100 }) as fc.Arbitrary<[Notice, ...Notice[]]>;

test('Discord takes any events in one message, and any history as one embed', () => {
  fc.assert(
    fc.property(notices, (all) => {
      const embeds = embedsOf(all);
      expect(problemOf({ embeds, allowed_mentions: { parse: [] } })).toBeNull();
      expect(problemOf({ embeds: [runEmbed(all)] }, true)).toBeNull();
      expect(JSON.stringify(embeds).isWellFormed()).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('Slack gets as many attachments as it shows, each text within its limit', () => {
  fc.assert(
    fc.property(notices, (all) => {
      const { attachments } = slackMessage(all, []) as { attachments: { blocks: { text?: { text: string } }[] }[] };
      expect(attachments.length).toBeLessThanOrEqual(10);
      for (const { blocks } of attachments) {
        expect(blocks.length).toBeLessThanOrEqual(50);
        for (const { text } of blocks) expect(text?.text.length ?? 1).toBeLessThanOrEqual(3_000);
      }
    }),
    { numRuns: 100 },
  );
});

test('a bar shows money exactly, never full before all is spent, never empty after something was', () => {
  expect(moneyBar('12000000000', '30000000000')).toBe('████████░░░░░░░░░░░░ 40.0 % of $30.00');
  expect(moneyBar('1', '30000000000')).toBe('█░░░░░░░░░░░░░░░░░░░ 0.0 % of $30.00');
  expect(moneyBar('29999999999', '30000000000')).toMatch(/^█{19}░ 99\.9 %/);
  expect(moneyBar('30000000000', '30000000000')).toMatch(/^█{20} 100\.0 %/);
  expect(moneyBar('40000000000', '30000000000')).toMatch(/^█{20} 133\.3 %/);
  expect([moneyBar(1, '2'), moneyBar('1', '0'), moneyBar('-1', '2'), moneyBar(undefined, '2')]).toEqual([
    '',
    '',
    '',
    '',
  ]);
});
