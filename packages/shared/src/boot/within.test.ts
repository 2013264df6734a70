import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { within } from './within.ts';

const never = () => new Promise<string>(() => {});

test('gives what the work gives, or how it fails, and else what there is to say of its being late', async () => {
  expect(await within(10_000, async () => 'done', never as never)).toBe('done');
  await expect(within(10_000, () => Promise.reject(new Error('broken')), never as never)).rejects.toThrow('broken');
  expect(await within(5, never, () => 'late')).toBe('late');
  const refuse = () => {
    throw new Error('no answer');
  };
  await expect(within(5, never, refuse)).rejects.toThrow('no answer');
});

test('what fails after it was given up ends no process', async () => {
  const failing = async () => {
    await sleep(20);
    throw new Error('too late to be heard');
  };
  expect(await within<string>(5, failing, () => 'late')).toBe('late');
  await sleep(50);
});
