import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const START = '2026-03-01T08:00:00Z';
const daily = (usd: string) => [Phase.parse({ name: 'steady', limit: { perDay: usd } })];

describe('the rules of the ledger', () => {
  let test: BudgetDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    test = await budgetDatabase();
    ledger = new Ledger(test.database);
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty(START);
    await ensureBudget(test.database, daily('0.50'));
  });

  const question = (amountNanoUsd: bigint, more: object = {}) => ({
    attemptId: newAttemptId(),
    budgetIds: ['global'],
    amountNanoUsd,
    deadlineMs: 60_000,
    ...more,
  });
  const window = () => test.database.budgetWindow.findFirstOrThrow();
  const entries = (kind: string) => test.database.budgetEntry.findMany({ where: { kind }, orderBy: { id: 'asc' } });

  it('hold a bound and five percent of it, rounded up, and at least something', async () => {
    expect([0n, 1n, 20n, 21n, 100n, 1_000_000n].map((bound) => ledger.heldFor(bound))).toEqual([
      2n,
      2n,
      21n,
      23n,
      105n,
      1_050_000n,
    ]);
    expect(new Ledger(test.database, { cushionPerMille: 0 }).heldFor(100n)).toBe(100n);
    await ledger.reserve(question(100n));
    await ledger.reserve(question(0n));
    expect(await entries('reserve')).toMatchObject([
      { reservedNanoUsd: 105n, cushionNanoUsd: 5n },
      { reservedNanoUsd: 2n, cushionNanoUsd: 1n },
    ]);
  });

  it('leave an attempt alone for its deadline and half a minute', async () => {
    await ledger.reserve(question(1n));
    expect(await entries('reserve')).toMatchObject([{ expiresAt: new Date('2026-03-01T08:01:30Z') }]);
    await test.clock.set('2026-03-01T08:01:30Z');
    expect(await ledger.reap()).toBe(0);
    await test.clock.set('2026-03-01T08:01:30.001Z');
    expect(await ledger.reap()).toBe(1);
    expect(await entries('forfeit')).toMatchObject([{ chargedNanoUsd: 2n, detail: { reason: 'expired' } }]);
  });

  it('forfeit any number of lost attempts at once', async () => {
    const small = new Ledger(test.database, { cushionPerMille: 0, graceMs: 0 });
    await small.reserve(question(1n));
    const { id } = await window();
    await test.database.$transaction([
      test.database.$executeRaw`
        INSERT INTO budget_entry (attempt_id, part, window_id, kind, reserved_nano_usd, expires_at, at)
        SELECT gen_random_uuid(), 0, ${id}::uuid, 'reserve', 1, ${new Date(START)}::timestamptz, ${new Date(START)}::timestamptz
        FROM generate_series(1, 1000)`,
      test.database.$executeRaw`UPDATE budget_window SET reserved_nano_usd = 1001`,
    ]);
    await test.clock.set('2026-03-01T09:00:00Z');
    expect(await small.reap()).toBe(1_001);
    expect(await window()).toMatchObject({ reservedNanoUsd: 0n, settledNanoUsd: 1_001n });
    expect(await small.reap()).toBe(0);
  });

  it.each([
    [{ budgetIds: [] }],
    [{ amountNanoUsd: -1n }],
    [{ deadlineMs: 0 }],
    [{ deadlineMs: -1 }],
    [{ deadlineMs: Number.NaN }],
  ])('refuse a reservation with %o', async (wrong) => {
    await expect(ledger.reserve({ ...question(1n), ...wrong })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('needs a budget, an amount and a deadline'),
    });
    expect(await test.database.budgetEntry.count()).toBe(0);
  });

  it('refuse a negative cost, and take none', async () => {
    const asked = question(100n);
    await ledger.reserve(asked);
    const negative = { code: 'INTERNAL', message: expect.stringContaining('a cost is not negative') };
    await expect(ledger.settle({ attemptId: asked.attemptId, chargedNanoUsd: -1n })).rejects.toMatchObject(negative);
    expect(await ledger.settle({ attemptId: asked.attemptId, chargedNanoUsd: 0n })).toEqual({
      result: 'ended',
      overrunNanoUsd: 0n,
    });
    expect(await window()).toMatchObject({ reservedNanoUsd: 0n, settledNanoUsd: 0n });
  });

  it('ask each budget once, whichever way it is named', async () => {
    await ensureBudget(test.database, daily('0.50'), 'a');
    await ledger.reserve(question(100n, { budgetIds: ['global', 'a', 'global'] }));
    expect(await test.database.budgetWindow.findMany({ orderBy: { budgetId: 'asc' } })).toMatchObject([
      { budgetId: 'a', reservedNanoUsd: 105n },
      { budgetId: 'global', reservedNanoUsd: 105n },
    ]);
    expect((await entries('reserve')).map((entry) => entry.part)).toEqual([0, 1]);
  });

  it('know the same question again, and only the same', async () => {
    await ensureBudget(test.database, daily('0.50'), 'a');
    const asked = question(100n, { budgetIds: ['global', 'a'] });
    await ledger.reserve(asked);
    await ledger.reserve({ ...asked, budgetIds: ['a', 'global'] });
    const other = {
      code: 'INTERNAL',
      message: expect.stringContaining(`attempt ${asked.attemptId} was reserved before, for something else`),
    };
    for (const wrong of [
      { amountNanoUsd: 99n },
      { budgetIds: ['global'] },
      { budgetIds: ['a'] },
      { budgetIds: ['a', 'b'] },
    ])
      await expect(ledger.reserve({ ...asked, ...wrong })).rejects.toMatchObject(other);
    await ledger.release({ attemptId: asked.attemptId });
    await expect(ledger.reserve(asked)).rejects.toMatchObject(other);
  });

  it('find a hold again whose window has filled up, or was frozen, meanwhile', async () => {
    const asked = question(400_000_000n);
    await ledger.reserve(asked);
    await ledger.reserve(asked);
    const other = question(1n);
    await ledger.reserve(other);
    await ledger.forfeit({ attemptId: other.attemptId, freeze: 'not_as_priced' });
    await ledger.reserve(asked);
    expect(await entries('reserve')).toHaveLength(2);
  });

  it('keep what is told about an attempt', async () => {
    const [told, silent] = [question(10n, { detail: { role: 'coder' } }), question(10n)];
    await ledger.reserve(told);
    await ledger.reserve(silent);
    await ledger.settle({ attemptId: told.attemptId, chargedNanoUsd: 1n, detail: { result: 'success' } });
    await ledger.release({ attemptId: silent.attemptId, detail: { result: 'not_sent' } });
    const last = question(10n);
    await ledger.reserve(last);
    await ledger.forfeit({ attemptId: last.attemptId });
    expect((await entries('reserve')).map((entry) => entry.detail)).toEqual([{ role: 'coder' }, null, null]);
    const ends = [...(await entries('settle')), ...(await entries('release')), ...(await entries('forfeit'))];
    expect(ends.map((entry) => entry.detail)).toEqual([{ result: 'success' }, { result: 'not_sent' }, null]);
  });

  it('move every budget of a call to its next phase where its money is gone', async () => {
    const launch = { name: 'launch', limit: { total: '0.000000100' }, days: 10, advanceWhenExhausted: true };
    const phases = [launch, { name: 'steady', limit: { perDay: '0.50' } }].map((phase) => Phase.parse(phase));
    const exact = new Ledger(test.database, { cushionPerMille: 0 });
    for (const id of ['a', 'b']) await ensureBudget(test.database, phases, id);
    const first = question(100n, { budgetIds: ['a', 'b'] });
    await exact.reserve(first);
    await exact.settle({ attemptId: first.attemptId, chargedNanoUsd: 100n });
    await exact.reserve(question(50n, { budgetIds: ['a', 'b', 'global'] }));
    const opened = await test.database.budgetWindow.findMany({ where: { reservedNanoUsd: 50n } });
    expect(opened.map((one) => one.budgetId).sort()).toEqual(['a', 'b', 'global']);
  });

  it('give up, as if calls were in flight, where others are faster each time', async () => {
    await ledger.reserve(question(1n));
    await test.database.$executeRawUnsafe(
      `CREATE FUNCTION test_faster() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    await test.database.$executeRawUnsafe(
      'CREATE TRIGGER test_faster BEFORE UPDATE ON budget_window FOR EACH ROW EXECUTE FUNCTION test_faster()',
    );
    try {
      await expect(ledger.reserve(question(1n))).rejects.toMatchObject({
        kind: 'WAIT_SETTLING',
        until: null,
        detail: { budget: 'global', amount: '$0.000000002', reason: 'others were faster' },
      });
    } finally {
      await test.database.$executeRawUnsafe('DROP FUNCTION test_faster CASCADE');
    }
    await ledger.reserve(question(1n));
  });
});
