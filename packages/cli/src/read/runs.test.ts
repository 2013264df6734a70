import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { budgetsOf } from '@orchestrator/shared/budget/budgets-of.ts';
import { Ledger, newAttemptId } from '@orchestrator/shared/budget/ledger.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { readRuns } from '@orchestrator/shared/read/runs.ts';
import { readStats } from '@orchestrator/shared/read/stats/read-stats.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let opened: TestDatabase;
let db: Database;
beforeEach(async () => {
  opened = await testDatabase();
  db = opened.database;
  await ensureBudget(db, OrchestratorConfig.parse({}).budget.phases, GLOBAL_BUDGET);
});
afterEach(() => opened.close());

/** A call that reserved in two budgets, recorded as the model client does. */
async function call({ runId, taskId }: SeededRun, ending: 'settle' | 'forfeit' | 'release' | 'none'): Promise<void> {
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  const attemptId = newAttemptId();
  const task = await db.task.findUniqueOrThrow({ where: { id: taskId } });
  await db.modelCall.create({
    data: {
      id: attemptId,
      runId,
      role: 'coder',
      ordinal: 0,
      requestHash: attemptId,
      provider: 'openai',
      model: 'gpt-4.1',
      request: {},
      usage: { input: 100, cacheRead: 10, output: 20, reasoning: 5 },
    },
  });
  await ledger.reserve({ attemptId, budgetIds: await budgetsOf(db, task), amountNanoUsd: 1_000n, deadlineMs: 60_000 });
  if (ending === 'settle') await ledger.settle({ attemptId, chargedNanoUsd: 300n });
  if (ending === 'forfeit') await ledger.forfeit({ attemptId });
  if (ending === 'release') await ledger.release({ attemptId });
}

describe('readRuns', () => {
  it('counts each call once, whatever budgets it was reserved in, and what is held apart from what is spent', async () => {
    const seeded = await seedRun(db, { budgetNanoUsd: 1_000_000n });
    for (const ending of ['settle', 'forfeit', 'release', 'none'] as const) await call(seeded, ending);

    const [run] = await readRuns(db);

    expect(run).toMatchObject({
      run: seeded.runId,
      spentNanoUsd: 1_300n,
      heldNanoUsd: 1_000n,
      tokens: 4 * 130,
      stage: 'baseline',
      waiting: null,
    });
    expect((await readStats(db)).money.spentNanoUsd).toBe(1_300n);
  });

  it('says what a stage waits for, and nothing once its time has come', async () => {
    const { stageRunId } = await seedRun(db, { stage: 'code' });
    const until = new Date(Date.now() + 60_000);
    const parked = {
      parkedReason: 'configuration',
      parkedDetail: { code: 'KEY_REJECTED', message: 'No.', next: 'Do.' },
    };

    await db.stageRun.update({ where: { id: stageRunId }, data: { ...parked, availableAt: until } });
    expect((await readRuns(db))[0]?.waiting).toEqual({
      reason: 'configuration',
      until,
      code: 'KEY_REJECTED',
      message: 'No.',
      next: 'Do.',
    });

    await db.stageRun.update({ where: { id: stageRunId }, data: { availableAt: new Date(0) } });
    expect((await readRuns(db))[0]?.waiting).toBeNull();
  });

  it('finds the runs of a repository, and those that were active since an instant', async () => {
    const first = await seedRun(db, { url: '/one' });
    const second = await seedRun(db, { url: '/two' });
    await db.stageRun.updateMany({ where: { runId: first.runId }, data: { state: 'succeeded' } });
    await db.run.update({
      where: { id: first.runId },
      data: { state: 'in_review', createdAt: new Date(0), endedAt: new Date(1) },
    });
    const ids = async (filter: Parameters<typeof readRuns>[1]) => (await readRuns(db, filter)).map(({ run }) => run);

    expect(await ids({ repository: '/one' })).toEqual([first.runId]);
    expect(await ids({ activeSince: new Date(1000) })).toEqual([second.runId]);
    expect((await readStats(db, { repository: '/one' })).runs.byState).toEqual({ in_review: 1 });
  });
});
