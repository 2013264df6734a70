import { expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { createReadiness, remembered } from './readiness.ts';

it('tells the reason of each check that fails, beside those that pass', async () => {
  const ready = createReadiness({
    good: async () => {},
    bad: async () => {
      throw new AppError('QUEUE_UNAVAILABLE', { reason: 'it is gone' });
    },
  });
  expect(await ready()).toEqual({
    good: null,
    bad: 'The queue cannot be reached: it is gone Check REDIS_URL, or leave it unset to use the embedded one.',
  });
});

it('does not wait for a check that never answers', { timeout: 15_000 }, async () => {
  const ready = createReadiness({ silent: () => new Promise(() => {}) });
  expect(await ready()).toEqual({ silent: 'no answer within 5 s' });
});

it('runs the checks once for all who ask at a time', async () => {
  let runs = 0;
  const ready = createReadiness({
    async counted() {
      runs += 1;
    },
  });
  await Promise.all([ready(), ready(), ready()]);
  await ready();
  expect(runs).toBe(1);
});

it('remembers that a check passed, never that it failed', async () => {
  let fails = true;
  let runs = 0;
  const check = remembered(async () => {
    runs += 1;
    if (fails) throw new Error('not yet');
  }, 60_000);
  await expect(check()).rejects.toThrow();
  await expect(check()).rejects.toThrow();
  fails = false;
  await check();
  fails = true;
  await check();
  expect(runs).toBe(3);
});
