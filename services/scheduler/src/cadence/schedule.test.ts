import type { Database } from '@orchestrator/shared/db/client.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ensureSchedule, renewTick, setNext, takeTick, tickNow, untilNext } from './schedule.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await testDatabase({ maxConnections: 10 }));
});
afterAll(() => close());
beforeEach(() => db.schedule.deleteMany());

const HOLD_MS = 60_000;
const due = (name: string, agoMs: number) =>
  db.$executeRaw`INSERT INTO schedule (name, next_run_at) VALUES (${name}, now() - ${agoMs} * interval '1 millisecond')`;

it('is due at once the first time, and not again before its next instant', async () => {
  await ensureSchedule(db, 'tick');
  const tick = await takeTick(db, 'tick', HOLD_MS);
  expect(tick).not.toBeNull();
  await setNext(db, tick as NonNullable<typeof tick>, { inMs: 1_800_000 });
  await ensureSchedule(db, 'tick');
  expect(await takeTick(db, 'tick', HOLD_MS)).toBeNull();
  const ms = await untilNext(db, ['tick', 'other']);
  expect(ms).toBeGreaterThan(1_790_000);
  expect(ms).toBeLessThanOrEqual(1_800_000);
});

it('fires once for all the ticks that a sleeping machine missed', async () => {
  await due('tick', 86_400_000 * 3);
  const tick = await takeTick(db, 'tick', HOLD_MS);
  expect(tick).not.toBeNull();
  await setNext(db, tick as NonNullable<typeof tick>, { inMs: 1_800_000 });
  expect(await takeTick(db, 'tick', HOLD_MS)).toBeNull();
});

it('fires in one of many schedulers', async () => {
  await due('tick', 1_000);
  const taken = await Promise.all(Array.from({ length: 10 }, () => takeTick(db, 'tick', HOLD_MS)));
  expect(taken.filter((tick) => tick !== null)).toHaveLength(1);
});

it('fires again where the scheduler that took it died', async () => {
  await due('tick', 1_000);
  const first = await takeTick(db, 'tick', 0);
  const second = await takeTick(db, 'tick', HOLD_MS);
  expect(second).not.toBeNull();
  // The one that was taken for dead comes back: it must not undo what the other set.
  await setNext(db, first as NonNullable<typeof first>, { inMs: 0 });
  expect(await takeTick(db, 'tick', HOLD_MS)).toBeNull();
});

it('is held for longer by who renews it, and by nobody else', async () => {
  await due('tick', 1_000);
  const first = (await takeTick(db, 'tick', HOLD_MS)) as NonNullable<Awaited<ReturnType<typeof takeTick>>>;
  const renewed = await renewTick(db, first, HOLD_MS * 2);
  expect(renewed?.heldUntil.getTime()).toBeGreaterThan(first.heldUntil.getTime());
  expect(await renewTick(db, first, HOLD_MS)).toBeNull();
  await setNext(db, renewed as NonNullable<typeof renewed>, { inMs: 0 });
  expect(await takeTick(db, 'tick', HOLD_MS)).not.toBeNull();
});

it('keeps an instant that a person asked for while the tick was held', async () => {
  await due('tick', 1_000);
  const tick = await takeTick(db, 'tick', HOLD_MS);
  await tickNow(db, 'tick');
  await setNext(db, tick as NonNullable<typeof tick>, { inMs: 1_800_000 });
  expect(await takeTick(db, 'tick', HOLD_MS)).not.toBeNull();
});

it('knows no instant where there is no schedule', async () => {
  expect(await untilNext(db, ['tick'])).toBeNull();
});
