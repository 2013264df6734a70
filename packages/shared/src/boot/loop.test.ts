import { expect, test } from 'vitest';
import { createLoop, type LoopOptions } from './loop.ts';

const HOUR_MS = 3_600_000;

/** A loop whose rounds can be awaited. */
function scene(over: Partial<LoopOptions> = {}) {
  const failures: unknown[] = [];
  const reached = new Map<number, () => void>();
  let rounds = 0;
  const loop = createLoop({
    name: 'test',
    everyMs: HOUR_MS,
    failed: (error) => failures.push(error),
    ...over,
    async round(stopping) {
      rounds += 1;
      reached.get(rounds)?.();
      return over.round?.(stopping);
    },
  });
  const round = (number: number) => new Promise<void>((resolve) => reached.set(number, resolve));
  return { loop, failures, round, count: () => rounds };
}

test('a round that fails is reported, and the next one comes after the usual wait', async () => {
  const error = new Error('once');
  const { loop, failures, round } = scene({ everyMs: 1, round: () => Promise.reject(error) });
  const third = round(3);
  await loop.start();
  await third;
  await loop.stop();
  expect(failures.slice(0, 2)).toEqual([error, error]);
});

test('a round says itself how long to wait', async () => {
  const { loop, round } = scene({ round: async () => 1 });
  const third = round(3);
  await loop.start();
  await third;
  await loop.stop();
});

test('waking it ends the wait, also one that has not begun', async () => {
  const { loop, round, count } = scene({
    async round() {
      if (count() === 1) loop.wake();
      return undefined;
    },
  });
  const second = round(2);
  await loop.start();
  await second;
  const third = round(3);
  setImmediate(loop.wake);
  await third;
  await loop.stop();
  expect(count()).toBe(3);
});

test('stopping it ends the wait, lets the present round end and then does what is left', async () => {
  const order: string[] = [];
  const { loop, round, count } = scene({
    async round(stopping) {
      await new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()));
      order.push('round');
      return undefined;
    },
    async atEnd() {
      order.push('end');
    },
  });
  const first = round(1);
  await loop.start();
  await first;
  await loop.stop();
  expect(order).toEqual(['round', 'end']);
  expect(count()).toBe(1);
});

test('a round that takes too long makes no progress; a long wait does', async () => {
  const over = Promise.withResolvers<undefined>();
  const { loop, round } = scene({ stuckAfterMs: 20, round: () => over.promise });
  const first = round(1);
  await loop.start();
  await first;
  expect(loop.stuck()).toBeNull();
  await expect.poll(() => loop.stuck()).toContain('a round has taken');
  over.resolve(undefined);
  await expect.poll(() => loop.stuck()).toBeNull();
  await loop.stop();
});
