import { randomUUID } from 'node:crypto';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { Phase } from '@orchestrator/shared/config/schema.ts';
import { type Database, openDatabase } from '@orchestrator/shared/db/client.ts';
import { claim } from '@orchestrator/shared/pipeline/claim.ts';
import { commitResult } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../postgres.ts';
import { seedRun } from '../../seed-run.ts';
import { checkInvariants, type Evidence } from './check.ts';
import { recordWrites } from './recorded-writes.ts';

/** Each test breaks one rule in a world that is well, and sees that exactly this is found. */

const PRICE = 1_000n;
const HEAD = 'a'.repeat(40);
let test: TestDatabase;
let writer: Database;
let ids: { runId: string; stageRunId: string; taskKey: string; callId: string };
let evidence: Evidence;

beforeEach(async () => {
  test = await testDatabase();
  await recordWrites(test.database);
  const url = new URL(test.url);
  url.searchParams.set('application_name', `chaos:notifier-1:${process.pid}`);
  writer = openDatabase(url.href);
  await publishedRun();
});
afterEach(async () => {
  await writer.$disconnect();
  await test.close();
});

/** A run that was published, told of and paid for, by a worker with this process's id. */
async function publishedRun(): Promise<void> {
  const { database: db } = test;
  const { runId, stageRunId, repositoryId, taskId } = await seedRun(db, { stage: 'publish' });
  const { key: taskKey } = await db.task.findUniqueOrThrow({ where: { id: taskId } });
  await db.$executeRaw`DELETE FROM outbox`;
  const held = await claim(writer, stageRunId, `host-${process.pid}-abcdef`);
  if (held === null) throw new Error('not claimed');
  await writer.pullRequest.create({
    data: {
      repositoryId,
      runId,
      taskKey,
      branch: `ai/${taskKey}`,
      number: 7,
      state: 'open',
      baseCommit: HEAD,
      headCommit: HEAD,
    },
  });
  const callId = await paidCall({ runId, stageRunId });
  await commitResult(writer, held, {
    kind: 'advance',
    artifacts: [{ kind: 'publication', content: {} }],
    events: [{ type: 'run.published', data: {} }],
  });
  const event = await db.event.findFirstOrThrow({ where: { runId } });
  await db.delivery.create({ data: { eventId: event.id, channel: 'discord', state: 'sent', tries: 1 } });
  ids = { runId, stageRunId, taskKey, callId };
  evidence = {
    expected: [{ task: taskKey, end: 'in_review' }],
    vendors: {
      answers: [{ task: taskKey, role: 'coder', ordinal: 1 }],
      meteredNanoUsd: String(PRICE),
      notices: [{ runId, title: 'Published', at: event.at.toISOString() }],
      pulls: [{ number: 7, branch: `ai/${taskKey}`, headSha: HEAD, state: 'open' }],
    },
    branchUpdates: new Map([[taskKey, [HEAD]]]),
  };
}

async function paidCall(
  { runId, stageRunId }: { runId: string; stageRunId: string },
  ending: 'settle' | 'forfeit' = 'settle',
) {
  const { database: db } = test;
  await ensureBudget(db, [Phase.parse({ name: 'test', limit: { total: '1' } })], GLOBAL_BUDGET);
  const ledger = new Ledger(db);
  const attemptId = randomUUID();
  await ledger.reserve({ attemptId, budgetIds: [GLOBAL_BUDGET], amountNanoUsd: PRICE, deadlineMs: 60_000 });
  await ledger[ending]({ attemptId, chargedNanoUsd: PRICE });
  const state = ending === 'settle' ? 'committed' : 'reserved';
  const question = { role: 'coder', ordinal: 1, requestHash: 'h', provider: 'openai', model: 'm', request: {}, state };
  await db.modelCall.create({ data: { id: attemptId, runId, stageRunId, ...question } });
  return attemptId;
}

const check = () => checkInvariants(test.database, evidence);
const vendors = (change: Partial<Evidence['vendors']>) => {
  evidence = { ...evidence, vendors: { ...evidence.vendors, ...change } };
};
const FIGURES = { lost: 0, duplicateEffects: 0, staleWritesAccepted: 0, overspendNanoUsd: 0n, stuck: 0, paidTwice: 0 };

describe('the invariants', () => {
  it('hold for a run that went well', async () => {
    expect(await check()).toEqual({ ...FIGURES, noticesRepeated: 0, violations: [] });
  });

  it('miss a task that never had a run, and one that ended otherwise than it had to', async () => {
    evidence = {
      ...evidence,
      expected: [
        { task: 'never', end: 'in_review' },
        { task: ids.taskKey, end: 'rejected' },
      ],
    };
    expect(await check()).toMatchObject({ ...FIGURES, lost: 2 });
  });

  it('find a run, a stage, a message, a notice and money that are stuck', async () => {
    await seedRun(test.database);
    expect(await check()).toMatchObject({ ...FIGURES, stuck: 2 });
    await test.database.$executeRaw`UPDATE run SET state = 'failed'`;
    await test.database.$executeRaw`UPDATE delivery SET state = 'pending'`;
    await new Ledger(test.database).reserve({
      attemptId: randomUUID(),
      budgetIds: [GLOBAL_BUDGET],
      amountNanoUsd: 1n,
      deadlineMs: 60_000,
    });
    const { violations } = await check();
    expect(violations.filter(({ counts }) => counts === 'stuck').map(({ problem }) => problem)).toEqual([
      'the baseline stage is pending although its run is failed',
      'its message was never sent',
      'the notice is on its way',
      'money is held for it',
    ]);
  });

  it('find a notice that was given up, and one that never arrived', async () => {
    await test.database.$executeRaw`UPDATE delivery SET state = 'failed', last_error = 'no answer'`;
    vendors({ notices: [] });
    expect(await check()).toMatchObject({ ...FIGURES, lost: 1 });
    await test.database.$executeRaw`UPDATE delivery SET state = 'sent'`;
    expect(await check()).toMatchObject({ ...FIGURES, lost: 1 });
  });

  it('find a stage that two attempts ended, and the stale one of them', async () => {
    await test.database.stageAttempt.create({
      data: { stageRunId: ids.stageRunId, fence: 9n, workerId: 'w', outcome: 'succeeded' },
    });
    expect(await check()).toMatchObject({ ...FIGURES, duplicateEffects: 1, staleWritesAccepted: 1 });
  });

  it('find an event that happened twice, and a task with two runs', async () => {
    const { taskId } = await test.database.run.findUniqueOrThrow({ where: { id: ids.runId } });
    await test.database.run.create({
      data: { taskId, taskRevision: 1, number: 2, state: 'in_review', baseCommit: HEAD },
    });
    await test.database.event.create({ data: { runId: ids.runId, type: 'run.published' } });
    const { violations } = await check();
    expect(violations.map(({ counts, problem }) => [counts, problem])).toEqual([
      ['duplicateEffects', '2 runs'],
      ['duplicateEffects', 'the event run.published happened 2 times'],
      ['other', expect.stringContaining('our record says null')],
      ['lost', expect.stringContaining('never to be told of run.published')],
    ]);
  });

  it('find the end of a stage by a process that does not hold it', async () => {
    const { stageRunId } = await seedRun(test.database);
    await claim(writer, stageRunId, 'host-1-abcdef');
    await writer.$executeRaw`UPDATE stage_run SET state = 'failed', lease_until = NULL WHERE id = ${stageRunId}::uuid`;
    const { violations } = await check();
    expect(violations).toContainEqual({
      counts: 'staleWritesAccepted',
      subject: stageRunId,
      problem: `stage failed: written by chaos:notifier-1:${process.pid}, held by host-1-abcdef`,
    });
  });

  it('find results that are stored by a process that does not hold their stage', async () => {
    await writer.artifact.create({ data: { runId: ids.runId, kind: 'verdict', content: {} } });
    await writer.pullRequest.updateMany({ data: { headCommit: HEAD } });
    expect(await check()).toMatchObject({ ...FIGURES, staleWritesAccepted: 2 });
  });

  it('find a question that was asked again although its answer was stored', async () => {
    await paidCall(ids);
    vendors({ answers: [...evidence.vendors.answers, ...evidence.vendors.answers] });
    expect(await check()).toMatchObject({ ...FIGURES, duplicateEffects: 1, paidTwice: 1 });
  });

  it('count an answer that was paid twice only where the ledger shows it as forfeited', async () => {
    vendors({ answers: [...evidence.vendors.answers, ...evidence.vendors.answers] });
    expect(await check()).toMatchObject({ ...FIGURES, duplicateEffects: 1 });
    await paidCall(ids, 'forfeit');
    expect(await check()).toMatchObject({ ...FIGURES, paidTwice: 1, violations: [] });
  });

  it('find money that the vendor bills and the ledger does not have, and a ledger that was changed', async () => {
    vendors({ meteredNanoUsd: String(PRICE + 7n) });
    expect(await check()).toMatchObject({ ...FIGURES, overspendNanoUsd: 7n });
    await test.database.$executeRaw`UPDATE budget_window SET settled_nano_usd = settled_nano_usd + 7`;
    const { violations } = await check();
    expect(violations.map(({ problem }) => problem)).toContainEqual(expect.stringContaining('ledger, I2'));
  });

  it('find a branch that is missing, pushed twice, elsewhere, or of a run that is not published', async () => {
    const branches = async (updates: [string, string[]][]) => {
      evidence = { ...evidence, branchUpdates: new Map(updates) };
      const { lost, duplicateEffects, violations } = await check();
      return [lost, duplicateEffects, violations.length];
    };
    expect(await branches([])).toEqual([1, 0, 1]);
    expect(await branches([[ids.taskKey, [HEAD, HEAD]]])).toEqual([0, 1, 1]);
    expect(await branches([[ids.taskKey, ['b'.repeat(40)]]])).toEqual([0, 0, 1]);
    expect(
      await branches([
        [ids.taskKey, [HEAD]],
        ['other', [HEAD]],
      ]),
    ).toEqual([0, 1, 1]);
  });

  it('find a pull request that is missing, opened twice, elsewhere, or of a run that is not published', async () => {
    const [pull] = evidence.vendors.pulls;
    if (!pull) throw new Error('no pull request');
    const found = async (pulls: Evidence['vendors']['pulls']) => {
      vendors({ pulls });
      const { lost, duplicateEffects, violations } = await check();
      return [lost, duplicateEffects, violations.length];
    };
    expect(await found([])).toEqual([1, 0, 1]);
    expect(await found([pull, { ...pull, number: 8 }])).toEqual([0, 1, 1]);
    expect(await found([{ ...pull, headSha: 'b'.repeat(40) }])).toEqual([0, 0, 1]);
    expect(await found([pull, { ...pull, number: 8, branch: 'ai/other' }])).toEqual([0, 1, 1]);
  });

  it('find a notice that came more often than it was tried, and one of nothing', async () => {
    const { notices } = evidence.vendors;
    vendors({ notices: [...notices, ...notices] });
    expect(await check()).toMatchObject({ ...FIGURES, duplicateEffects: 1, noticesRepeated: 0 });
    await test.database.$executeRaw`UPDATE delivery SET tries = 2`;
    expect(await check()).toMatchObject({ ...FIGURES, noticesRepeated: 1, violations: [] });
    vendors({ notices: [...notices, { runId: ids.runId, title: 'Invented', at: '2026-01-01T00:00:00.000Z' }] });
    expect((await check()).violations).toMatchObject([{ counts: 'other' }]);
  });
});
