import { expect, test } from 'vitest';
import { MemoryPool, validationsAtOnce } from './memory-share.ts';

const never = new AbortController().signal;

test('validations that fit run at once, others wait in the order of asking', async () => {
  const pool = new MemoryPool(4_000);
  const order: string[] = [];
  const ask = (name: string, memoryMb: number) =>
    pool.take(memoryMb, never).then((share) => {
      order.push(name);
      return share;
    });
  const [a, b] = await Promise.all([ask('a', 2_000), ask('b', 2_000)]);
  const c = ask('c', 3_000);
  const d = ask('d', 500);
  a.release();
  a.release();
  await Promise.resolve();
  expect(order).toEqual(['a', 'b']);
  b.release();
  await Promise.all([c, d]);
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

test('one that is larger than everything runs alone', async () => {
  const pool = new MemoryPool(1_000);
  (await pool.take(8_000, never)).release();
  const large = await pool.take(8_000, never);
  const small = pool.take(10, never);
  large.release();
  (await small).release();
});

test('who gives up waiting lets the next one in', async () => {
  const pool = new MemoryPool(1_000);
  const first = await pool.take(600, never);
  const controller = new AbortController();
  const impatient = pool.take(1_000, controller.signal);
  const patient = pool.take(400, never);
  controller.abort(new Error('stopped'));
  await expect(impatient).rejects.toThrow('stopped');
  (await patient).release();
  first.release();
});

test.each([
  [16_000, 4, 4],
  [4_000, 8, 1],
  [500, 2, 1],
  [64_000, 2, 2],
])('%i MB and %i processors: %i at once', (totalMb, processors, expected) => {
  expect(validationsAtOnce(totalMb, processors)).toBe(expected);
});
