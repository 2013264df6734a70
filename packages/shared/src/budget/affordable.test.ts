import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import type { DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OrchestratorConfig, Phase } from '../config/schema.ts';
import { affordability, taskAffordability } from './affordable.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { currentPhase, ensureBudget } from './phases.ts';
import { taskCost } from './task-cost.ts';

const USD = 1_000_000_000n;
const STEADY = Phase.parse({ name: 'steady', limit: { perDay: '0.50' } });
const config = OrchestratorConfig.parse({});

describe('what can be paid for', () => {
  let test: BudgetDatabase;
  let clock: DatabaseClock;
  let ledger: Ledger;

  beforeAll(async () => {
    test = await budgetDatabase();
    clock = test.clock;
    ledger = new Ledger(test.database, { cushionPerMille: 0 });
  });
  afterAll(() => test.close());
  beforeEach(() => test.empty('2026-11-01T08:00:00Z'));

  const reserve = async (amountNanoUsd: bigint, budgetIds = ['global']) => {
    const attemptId = newAttemptId();
    await ledger.reserve({ attemptId, budgetIds, amountNanoUsd, deadlineMs: 1_000 });
    return attemptId;
  };
  const spend = async (amount: bigint) => ledger.settle({ attemptId: await reserve(amount), chargedNanoUsd: amount });
  const call = (role: string, costNanoUsd: bigint, more: object = {}) =>
    test.database.modelCall.create({
      data: {
        id: newAttemptId(),
        role,
        ordinal: 1,
        requestHash: 'x',
        provider: role === 'coder' ? 'openai' : 'anthropic',
        model: role === 'coder' ? 'gpt-4.1' : 'claude-sonnet-4-5',
        state: 'committed',
        request: {},
        costNanoUsd,
        ...more,
      },
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

  it('predicts no more than the worst case, and only by answers of the same role and model', async () => {
    await ensureBudget(test.database, [STEADY]);
    const options = { now: new Date('2026-11-01T08:00:00Z'), heldFor: (amount: bigint) => amount };
    await call('coder', 10n * USD);
    await call('coder', 1n, { model: 'gpt-4.1-mini' });
    await call('coder', 1n, { state: 'forfeited' });
    await call('coder', 0n);
    await call('analyzer', 5n);
    const { calls, predictedNanoUsd } = await taskCost(test.database, config, options);
    expect(calls).toEqual([
      {
        role: 'analyzer',
        model: 'anthropic/claude-sonnet-4-5',
        worstNanoUsd: 151_440_000n,
        predictedNanoUsd: 5n,
        observedCalls: 1,
      },
      ...Array(2).fill({
        role: 'coder',
        model: 'openai/gpt-4.1',
        worstNanoUsd: 129_536_000n,
        predictedNanoUsd: 129_536_000n,
        observedCalls: 1,
      }),
    ]);
    expect(predictedNanoUsd).toBe(5n + 2n * 129_536_000n);
  });

  it('prices as many repairs as are planned, and no more output than the model has', async () => {
    const more = OrchestratorConfig.parse({
      budget: { plannedRepairs: 3 },
      models: { coder: { model: 'openai/gpt-4.1', maxOutputTokens: 100_000, maxInputTokens: 1_000 } },
    });
    const options = { now: new Date('2026-11-01T08:00:00Z'), heldFor: (amount: bigint) => amount };
    const { calls } = await taskCost(test.database, more, options);
    expect(calls.map((one) => one.role)).toEqual(['analyzer', 'coder', 'coder', 'coder', 'coder']);
    expect(calls[1]?.worstNanoUsd).toBe(1_000n * 2_000n + 32_768n * 8_000n);
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

  it('sets aside what runs that have begun will probably still need, but not in the budget of the task', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'steady', limit: { perDay: '1' } })]);
    await ensureBudget(test.database, [Phase.parse({ name: 'task', limit: { total: '0.45' } })], 'task:7');
    const ask = (budgetIds = ['global']) => taskAffordability(test.database, config, { budgetIds });
    await spend(USD / 4n);
    expect(await ask()).toEqual({ kind: 'AFFORDABLE' });
    const { runId } = await seedRun(test.database, { stage: 'code' });
    expect(await ask()).toEqual({
      kind: 'WAIT_WINDOW',
      until: new Date('2026-11-02T00:00:00Z'),
      reason: '$0.8275 may be needed, and the budget does not have it before its next window.',
    });
    expect(await ask(['task:7'])).toEqual({ kind: 'AFFORDABLE' });
    await call('coder', (3n * USD) / 10n, { runId });
    expect(await ask()).toEqual({ kind: 'AFFORDABLE' });
    await test.database.run.update({ where: { id: runId }, data: { state: 'in_review' } });
    await test.database.modelCall.deleteMany({ where: { runId } });
    expect(await ask()).toEqual({ kind: 'AFFORDABLE' });
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

  it('says what is missing where, for each reason', async () => {
    await ensureBudget(test.database, [STEADY]);
    await ensureBudget(test.database, [STEADY], 'task:7');
    const ask = (amountNanoUsd: bigint, budgetIds = ['global']) =>
      affordability(test.database, { budgetIds, amountNanoUsd, deadlineMs: 1_000 });
    expect(await ask(USD)).toEqual({
      kind: 'NEVER_FITS',
      until: null,
      reason: '$1.0000 may be needed, more than the $0.5000 that the budget has.',
    });
    const attemptId = await reserve(USD / 4n);
    expect(await ask(USD / 2n)).toEqual({
      kind: 'WAIT_SETTLING',
      until: new Date('2026-11-01T08:00:05Z'),
      reason: '$0.5000 may be needed, and calls in flight hold it.',
    });
    await ledger.settle({ attemptId, chargedNanoUsd: USD / 4n });
    expect(await ask(USD / 2n, ['task:7', 'global'])).toEqual({
      kind: 'WAIT_WINDOW',
      until: new Date('2026-11-02T00:00:00Z'),
      reason: '$0.5000 may be needed, and the budget does not have it before its next window.',
    });
    const frozen = await reserve(1n, ['task:7']);
    await ledger.forfeit({ attemptId: frozen, freeze: 'not_as_priced' });
    expect(await ask(1n, ['global', 'task:7'])).toEqual({
      kind: 'FROZEN',
      until: new Date('2026-11-02T00:00:00Z'),
      reason:
        'The budget "task:7" is frozen: an answer was not of the model, service tier, speed or region that was priced; see `orchestrator budget`.',
    });
    expect(await ask(1n, ['nobody'])).toMatchObject({
      reason: 'The budget "nobody" is frozen: there is no budget "nobody".',
    });
  });

  it('moves to the next phase where the current one ends with its money, and looks again', async () => {
    const launch = Phase.parse({ name: 'launch', limit: { total: '1' }, days: 10, advanceWhenExhausted: true });
    await ensureBudget(test.database, [launch, STEADY]);
    await spend(USD - 5n);
    const ask = (amountNanoUsd: bigint) =>
      affordability(test.database, { budgetIds: ['global'], amountNanoUsd, deadlineMs: 1_000 });
    expect(await ask(5n)).toEqual({ kind: 'AFFORDABLE' });
    expect((await currentPhase(test.database))?.name).toBe('launch');
    expect(await ask(6n)).toEqual({ kind: 'AFFORDABLE' });
    expect((await currentPhase(test.database))?.name).toBe('steady');
    await spend(USD / 2n);
    expect(await ask(6n)).toMatchObject({ kind: 'WAIT_WINDOW', until: new Date('2026-11-02T00:00:00Z') });
  });

  it('leaves as much time as the longer of the calls may take', async () => {
    await ensureBudget(test.database, [STEADY]);
    const slow = (role: 'analyzer' | 'coder') => OrchestratorConfig.parse({ models: { [role]: { timeout: '30m' } } });
    const ask = (of: OrchestratorConfig) => taskAffordability(test.database, of, { budgetIds: ['global'] });
    await clock.set('2026-11-01T23:30:00Z');
    expect([await ask(slow('analyzer')), await ask(slow('coder'))]).toEqual([
      { kind: 'AFFORDABLE' },
      { kind: 'AFFORDABLE' },
    ]);
    await clock.set('2026-11-01T23:30:01Z');
    const late = { kind: 'WAIT_WINDOW', until: new Date('2026-11-02T00:00:00Z') };
    expect([await ask(slow('analyzer')), await ask(slow('coder'))]).toMatchObject([late, late]);
    expect(await ask(config)).toEqual({ kind: 'AFFORDABLE' });
  });

  it('is nothing after the last phase', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'once', limit: { total: '30' }, days: 1 })]);
    await clock.set('2026-11-03T00:00:00Z');
    expect(await taskAffordability(test.database, config, { budgetIds: ['global'] })).toEqual({
      kind: 'FROZEN',
      until: null,
      reason: 'The budget is frozen: its last phase has ended.',
    });
  });
});
