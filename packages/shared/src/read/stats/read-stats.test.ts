import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { raiseAlerts } from '../../budget/alerts.ts';
import { GLOBAL_BUDGET } from '../../budget/budget-ids.ts';
import { Ledger, newAttemptId } from '../../budget/ledger.ts';
import { ensureBudget } from '../../budget/phases.ts';
import { OrchestratorConfig } from '../../config/schema.ts';
import { readStats } from './read-stats.ts';

let opened: TestDatabase;
beforeEach(async () => {
  opened = await testDatabase();
});
afterEach(() => opened.close());

interface Given {
  readonly module?: string;
  readonly pull?: 'open' | 'merged' | 'closed';
  readonly rounds?: number;
  readonly daysAgo?: number;
  readonly calls?: readonly { model: string; role: string; prompt: string | null; nanoUsd: bigint }[];
  readonly repositoryId?: string;
}

const call = (nanoUsd: bigint, { model = 'gpt', role = 'coder', prompt = 'coder-1+a' as string | null } = {}) => ({
  model,
  role,
  prompt,
  nanoUsd,
});

let number = 0;
async function given({ module, pull, rounds = 1, daysAgo = 0, calls = [], repositoryId }: Given) {
  const db = opened.database;
  const seeded = await seedRun(db, {
    createdAgoMs: daysAgo * 86_400_000,
    ...(repositoryId === undefined ? {} : { repositoryId }),
  });
  await db.task.update({ where: { id: seeded.taskId }, data: { module: module ?? null } });
  const state = pull === undefined ? 'failed' : { open: 'in_review', merged: 'merged', closed: 'rejected' }[pull];
  await db.run.update({ where: { id: seeded.runId }, data: { state, round: rounds } });
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  for (const { model, role, prompt, nanoUsd } of calls) {
    const id = newAttemptId();
    const values = { provider: 'vendor', model, role, promptVersion: prompt, ordinal: 1, requestHash: id, request: {} };
    await db.modelCall.create({
      data: { ...values, id, runId: seeded.runId, state: 'committed', usage: { input: 70, cacheRead: 20, output: 10 } },
    });
    await ledger.reserve({ attemptId: id, budgetIds: [GLOBAL_BUDGET], amountNanoUsd: nanoUsd, deadlineMs: 60_000 });
    await ledger.settle({ attemptId: id, chargedNanoUsd: nanoUsd });
  }
  if (pull !== undefined) {
    const base = { branch: `ai/${seeded.runId}`, baseCommit: 'b', headCommit: 'h', taskKey: 'k', number: ++number };
    await db.pullRequest.create({
      data: { ...base, repositoryId: seeded.repositoryId, runId: seeded.runId, state: pull },
    });
  }
  return seeded;
}

const begin = () => ensureBudget(opened.database, OrchestratorConfig.parse({}).budget.phases, GLOBAL_BUDGET);

describe('merge rate, rounds and cost per merged change', () => {
  test('by module count each run once, with what failed runs cost', async () => {
    await begin();
    await given({ module: 'core', pull: 'merged', rounds: 3, calls: [call(100n)] });
    await given({ module: 'core', pull: 'closed', rounds: 1, calls: [call(50n)] });
    await given({ module: 'core', calls: [call(25n)] });
    await given({ pull: 'open', calls: [call(7n)] });
    const { comparison } = await readStats(opened.database);
    expect(comparison.modules).toMatchObject([
      { key: 'core', runs: 3, published: 2, merged: 1, closed: 1, mergeRate: 0.5, rounds: 2, perMergedNanoUsd: 175n },
      { key: '', runs: 1, published: 1, merged: 0, mergeRate: null, spentNanoUsd: 7n, perMergedNanoUsd: null },
    ]);
    expect(comparison.all).toMatchObject({ runs: 4, spentNanoUsd: 182n, perMergedNanoUsd: 182n });
  });

  test('by model and prompt count a run for each that it asked, however often, with all that it cost', async () => {
    await begin();
    const analyzer = call(10n, { model: 'claude', role: 'analyzer', prompt: 'analyzer-1+x' });
    await given({ pull: 'merged', calls: [analyzer, call(30n), call(30n)] });
    await given({ pull: 'closed', calls: [analyzer, call(20n, { prompt: 'coder-2+b' })] });
    await given({ calls: [call(5n, { prompt: null })] });
    const { comparison } = await readStats(opened.database);
    expect(comparison.models).toMatchObject([
      { key: 'coder vendor/gpt', runs: 3, merged: 1, closed: 1, spentNanoUsd: 105n, perMergedNanoUsd: 105n },
      { key: 'analyzer vendor/claude', runs: 2, mergeRate: 0.5, spentNanoUsd: 100n },
    ]);
    expect(comparison.prompts.map(({ key, runs, mergeRate }) => [key, runs, mergeRate])).toEqual([
      ['analyzer-1+x', 2, 0.5],
      ['', 1, null],
      ['coder-1+a', 1, 1],
      ['coder-2+b', 1, 0],
    ]);
  });

  test('over time have no gaps, and are those of the runs that began then', async () => {
    await begin();
    await given({ pull: 'merged', daysAgo: 2, calls: [call(40n)] });
    await given({ pull: 'closed', daysAgo: 2, calls: [call(2n)] });
    await given({ calls: [call(8n)] });
    const { comparison } = await readStats(opened.database);
    expect(comparison.periods).toHaveLength(3);
    expect(comparison.periods.at(-1)).toBe(new Date().toISOString().slice(0, 10));
    expect(comparison.all.over).toMatchObject([
      { runs: 2, mergeRate: 0.5, perMergedNanoUsd: 42n },
      { runs: 0, mergeRate: null, spentNanoUsd: 0n },
      { runs: 1, mergeRate: null, spentNanoUsd: 8n, perMergedNanoUsd: null },
    ]);
    expect((await readStats(opened.database, { period: 'week' })).comparison.periods[0]).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('of long ago are in the totals, but the periods end somewhere', async () => {
    await begin();
    await given({ pull: 'merged', daysAgo: 100 });
    const { comparison } = await readStats(opened.database);
    expect(comparison.periods).toHaveLength(30);
    expect(comparison.all).toMatchObject({ runs: 1, merged: 1 });
    expect(comparison.all.over.every(({ runs }) => runs === 0)).toBe(true);
  });

  test('are those of one repository where one is asked for', async () => {
    const { repositoryId } = await given({ module: 'core', pull: 'merged' });
    await given({ module: 'other', pull: 'merged' });
    const { url } = await opened.database.repository.findUniqueOrThrow({ where: { id: repositoryId } });
    const { comparison } = await readStats(opened.database, { repository: url });
    expect(comparison.modules.map(({ key }) => key)).toEqual(['core']);
  });
});

describe('where things stand', () => {
  test('says phase, spending, what remains, and the highest warning of this window', async () => {
    const { phases } = OrchestratorConfig.parse({
      budget: { phases: [{ name: 'only', limit: { total: 0.000001 }, every: '30m' }] },
    }).budget;
    await ensureBudget(opened.database, phases, GLOBAL_BUDGET);
    await given({ pull: 'merged', calls: [call(850n)] });
    expect((await readStats(opened.database)).budget).toMatchObject({ warningLevel: 'none' });
    await raiseAlerts(opened.database, [80, 90, 95]);
    expect(await readStats(opened.database)).toMatchObject({
      budget: {
        phase: 'only',
        committedNanoUsd: 850n,
        limitNanoUsd: 1_000n,
        remainingNanoUsd: 150n,
        warningLevel: 'yellow',
        frozen: false,
      },
      tokens: 100,
      tasks: { completed: 1 },
    });
    await given({ calls: [call(110n)] });
    await raiseAlerts(opened.database, [80, 90, 95]);
    expect((await readStats(opened.database)).budget?.warningLevel).toBe('red');
  });

  test('is null before the budget has begun, and counts what became of pull requests', async () => {
    const { runId } = await given({ pull: 'closed' });
    const pull = await opened.database.pullRequest.findFirstOrThrow();
    await opened.database.pullOutcome.create({
      data: { pullRequestId: pull.id, number: 1, runId, result: 'closed', cause: 'workflow' },
    });
    expect(await readStats(opened.database)).toMatchObject({
      budget: null,
      pullRequests: { outcomes: { 'closed (workflow)': 1 } },
    });
  });

  test('does not count what we closed ourselves as rejected', async () => {
    const { runId } = await given({ pull: 'closed' });
    await given({ pull: 'merged' });
    const pull = await opened.database.pullRequest.findFirstOrThrow({ where: { runId } });
    await opened.database.pullOutcome.create({
      data: { pullRequestId: pull.id, number: 1, runId, result: 'superseded' },
    });
    const { pullRequests, comparison } = await readStats(opened.database);
    expect(pullRequests).toMatchObject({ total: 2, merged: 1, closed: 0, mergeRate: 1 });
    expect(comparison.all).toMatchObject({ published: 2, merged: 1, closed: 0, mergeRate: 1 });
  });
});
