import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import type { DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OrchestratorConfig, Phase } from '../config/schema.ts';
import { affordability, taskAffordability } from './affordable.ts';
import { announcePhase, raiseAlerts } from './alerts.ts';
import { tokenBudgetFile } from './export.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';
import { budgetReport } from './report.ts';
import { taskCost } from './task-cost.ts';

const USD = 1_000_000_000n;
const LAUNCH = Phase.parse({ name: 'launch', limit: { total: '30' }, days: 10 });
const STEADY = Phase.parse({ name: 'steady', limit: { perDay: '0.50' } });
const config = OrchestratorConfig.parse({});

describe('what the ledger tells', () => {
  let test: BudgetDatabase;
  let clock: DatabaseClock;
  let ledger: Ledger;

  beforeAll(async () => {
    test = await budgetDatabase();
    clock = test.clock;
  });
  afterAll(() => test.close());
  beforeEach(async () => {
    await test.empty('2026-11-01T08:00:00Z');
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });

  const reserve = async (amountNanoUsd: bigint) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    return attemptId;
  };
  const spend = async (amount: bigint) => ledger.settle({ attemptId: await reserve(amount), chargedNanoUsd: amount });

  it('is reported per window and per day', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    await spend(2n * USD);
    await ledger.forfeit({ attemptId: await reserve(USD) });
    await clock.set('2026-11-03T09:00:00Z');
    await spend(3n * USD);
    await reserve(4n * USD);
    expect(await budgetReport(test.database)).toMatchObject({
      startedAt: new Date('2026-11-01T08:00:00Z'),
      phase: { name: 'launch' },
      daysLeft: 8,
      nextTick: new Date('2026-11-03T09:30:00Z'),
      window: {
        limitNanoUsd: 30n * USD,
        committedNanoUsd: 10n * USD,
        settledNanoUsd: 6n * USD,
        forfeitedNanoUsd: USD,
        inFlightNanoUsd: 4n * USD,
        inFlightCalls: 1,
        freeNanoUsd: 20n * USD,
        frozenReason: null,
      },
      spentNanoUsd: 6n * USD,
      burnPerDayNanoUsd: 2n * USD,
      days: [
        { day: '2026-11-01', chargedNanoUsd: 3n * USD, forfeitedNanoUsd: USD, calls: 2 },
        { day: '2026-11-03', chargedNanoUsd: 3n * USD, forfeitedNanoUsd: 0n, calls: 1 },
      ],
    });
  });

  it('is nothing before the first start', async () => {
    expect(await budgetReport(test.database)).toBeNull();
    expect(await tokenBudgetFile(test.database)).toBeNull();
    expect(await announcePhase(test.database)).toBeNull();
  });

  it('alerts at each threshold once a window, also when two processes look at once', async () => {
    await ensureBudget(test.database, [STEADY]);
    const raise = () => raiseAlerts(test.database, [80, 90, 95]);
    await spend((USD * 2n) / 5n - 1n);
    expect(await raise()).toEqual([]);
    await spend(1n);
    expect((await Promise.all([raise(), raise(), raise()])).flat()).toMatchObject([
      { percent: 80, level: 'yellow', phase: 'steady', windowEndsAt: '2026-11-02T00:00:00.000Z' },
    ]);
    await spend(USD / 20n);
    expect(await raise()).toMatchObject([
      { percent: 90, level: 'orange', spentNanoUsd: '450000000', limitNanoUsd: '500000000' },
    ]);
    await spend(USD / 40n);
    expect(await raise()).toMatchObject([{ percent: 95, level: 'red' }]);
    expect(await raise()).toEqual([]);
    await clock.set('2026-11-02T08:00:00Z');
    await spend((USD * 49n) / 100n);
    expect(await raise()).toMatchObject([{ percent: 95, level: 'red' }]);
    expect(await test.database.event.count({ where: { type: 'budget.alert' } })).toBe(4);
  });

  it('does not alert for money that is only held', async () => {
    await ensureBudget(test.database, [STEADY]);
    await reserve(USD / 2n);
    expect(await raiseAlerts(test.database, [80])).toEqual([]);
  });

  it('announces each phase once', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    const announce = () => announcePhase(test.database);
    expect((await Promise.all([announce(), announce()])).filter(Boolean)).toMatchObject([
      { name: 'launch', limitNanoUsd: '30000000000' },
    ]);
    expect(await announce()).toBeNull();
    await clock.set('2026-11-11T08:00:00Z');
    expect(await announce()).toMatchObject({ name: 'steady', kind: 'per_utc_day' });
  });

  it('is exported', async () => {
    await ensureBudget(test.database, [LAUNCH, STEADY]);
    await spend(1_234_567_891n);
    const file = await tokenBudgetFile(test.database);
    expect(file).toMatchObject({
      phase: 'launch',
      phase_number: 1,
      start_date: '2026-11-01T08:00:00.000Z',
      limit_usd: '30.000000000',
      spent_usd: '1.234567891',
      remaining_usd: '28.765432109',
      daily_usage: { '2026-11-01': '1.234567891' },
    });
  });

  it('prices a task by what is configured, and by what such calls have cost', async () => {
    await ensureBudget(test.database, [STEADY]);
    const options = { now: new Date('2026-11-01T08:00:00Z'), heldFor: (amount: bigint) => amount };
    const fresh = await taskCost(test.database, config, options);
    // 24,000 tokens written to Claude's cache at $3.75 and 4,096 answered at $15; 32,000 at $2 and 8,192 at $8 twice.
    expect(fresh).toMatchObject({
      worstNanoUsd: 151_440_000n + 2n * 129_536_000n,
      predictedNanoUsd: fresh.worstNanoUsd,
      largestCallNanoUsd: 151_440_000n,
    });
    for (let i = 1; i <= 10; i++) {
      await test.database.modelCall.create({
        data: {
          id: newAttemptId(),
          role: 'coder',
          ordinal: 1,
          requestHash: 'x',
          provider: 'openai',
          model: 'gpt-4.1',
          state: 'committed',
          request: {},
          costNanoUsd: BigInt(i) * 1_000_000n,
        },
      });
    }
    const known = await taskCost(test.database, config, options);
    expect(known.calls.map((call) => [call.role, call.observedCalls, call.predictedNanoUsd])).toEqual([
      ['analyzer', 0, 151_440_000n],
      ['coder', 10, 9_000_000n],
      ['coder', 10, 9_000_000n],
    ]);
    expect(known.neededNanoUsd).toBe(151_440_000n + 9_000_000n + 129_536_000n);
  });

  it('admits a task that the window can pay for to its end, and says when another can', async () => {
    await ensureBudget(test.database, [STEADY]);
    const ask = () => taskAffordability(test.database, config, { budgetIds: ['global'] });
    expect(await ask()).toEqual({ kind: 'AFFORDABLE' });
    await spend(USD / 10n);
    expect(await ask()).toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-11-02T00:00:00Z') });
    await clock.set('2026-11-02T23:56:00Z');
    expect(await ask()).toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-11-03T00:00:00Z') });
  });

  it('lets a task that needs more than any whole window begin with a fresh one', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'tiny', limit: { perDay: '0.20' } })]);
    const ask = () => taskAffordability(test.database, config, { budgetIds: ['global'] });
    expect(await ask()).toEqual({ kind: 'AFFORDABLE' });
    await spend(1n);
    expect(await ask()).toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-11-02T00:00:00Z') });
  });

  it('never admits a task one of whose calls fits no window', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'tiny', limit: { perDay: '0.10' } })]);
    expect(await taskAffordability(test.database, config, { budgetIds: ['global'] })).toMatchObject({
      kind: 'NEVER_FITS',
      until: null,
    });
  });

  it('answers for an amount what a reservation of it would', async () => {
    await ensureBudget(test.database, [STEADY]);
    await reserve(USD / 4n);
    const ask = (amountNanoUsd: bigint) =>
      affordability(test.database, { budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    expect(await ask(USD / 4n)).toEqual({ kind: 'AFFORDABLE' });
    expect(await ask(USD / 4n + 1n)).toMatchObject({ kind: 'WAIT_SETTLING' });
    expect(await ask(USD)).toMatchObject({ kind: 'NEVER_FITS' });
  });
});
