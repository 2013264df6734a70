import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { expect, it, onTestFinished } from 'vitest';
import { GLOBAL_BUDGET } from '../budget/budget-ids.ts';
import { Ledger, newAttemptId } from '../budget/ledger.ts';
import { ensureBudget } from '../budget/phases.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import { readDatabaseSamples } from './database-samples.ts';
import { METRICS, sample } from './metrics.ts';
import { count, observe } from './record.ts';
import { createMetricsPage } from './registry.ts';

/** Lines of a page that are values, as `name{labels} value`. */
const values = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it('keeps what was counted before anybody asked, and counts on', async () => {
  count('orchestrator_published_total', { queue: 'coder' }, 3);
  count('orchestrator_published_total', { queue: 'coder' });
  observe('orchestrator_stage_duration_seconds', { stage: 'code', outcome: 'advance' }, 1.5);
  const page = createMetricsPage([], () => {});
  const first = await page.render();
  expect(first.contentType).toContain('text/plain');
  expect(values(first.text)).toContain('orchestrator_published_total{queue="coder"} 4');
  expect(values(first.text)).toContain(
    'orchestrator_stage_duration_seconds_bucket{le="2",stage="code",outcome="advance"} 1',
  );
  count('orchestrator_published_total', { queue: 'coder' });
  const { text } = await page.render();
  expect(values(text)).toContain('orchestrator_published_total{queue="coder"} 5');
  for (const name of Object.keys(METRICS)) expect(text).toContain(`# HELP ${name} `);
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
});

it('shows the rest when one source fails, and forgets values that are not told any more', async () => {
  const failures: unknown[] = [];
  let draining: 0 | 1 = 1;
  const page = createMetricsPage(
    [
      async () => (draining === 1 ? [sample('orchestrator_ready', { check: 'database' }, 1)] : []),
      async () => {
        throw new Error('down');
      },
      async () => [sample('orchestrator_draining', {}, draining)],
    ],
    (error) => failures.push(error),
  );
  expect(values((await page.render()).text)).toEqual(
    expect.arrayContaining(['orchestrator_draining 1', 'orchestrator_ready{check="database"} 1']),
  );
  draining = 0;
  const later = values((await page.render()).text);
  expect(later).toContain('orchestrator_draining 0');
  expect(later.filter((line) => line.startsWith('orchestrator_ready'))).toEqual([]);
  expect(failures).toHaveLength(2);
});

it('reads backlog, outbox, budget and deliveries from the database', async () => {
  const { database: db, close } = await testDatabase();
  onTestFinished(close);
  await ensureBudget(db, OrchestratorConfig.parse({}).budget.phases, GLOBAL_BUDGET);
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  await ledger.reserve({
    attemptId: newAttemptId(),
    budgetIds: [GLOBAL_BUDGET],
    amountNanoUsd: 250_000_000n,
    deadlineMs: 60_000,
  });
  const waiting = await seedRun(db, { stage: 'validate' });
  const sent = await seedRun(db, { stage: 'code' });
  await seedRun(db, { stage: 'code' });
  await db.outbox.updateMany({ data: { notBefore: new Date(Date.now() - 60_000) } });
  // The coder has something to do: its other message waits for the window, not for the relay.
  await db.outbox.delete({ where: { stageRunId: sent.stageRunId } });
  await db.stageRun.update({ where: { id: sent.stageRunId }, data: { publishedAt: new Date() } });
  await db.stageRun.update({
    where: { id: waiting.stageRunId },
    data: { availableAt: new Date(Date.now() - 120_000) },
  });
  const event = await db.event.create({ data: { type: 'run.failed', runId: waiting.runId } });
  const old = await db.event.create({ data: { type: 'run.failed', at: new Date(Date.now() - 48 * 3_600_000) } });
  await db.delivery.createMany({
    data: [
      { eventId: event.id, channel: 'discord', state: 'failed' },
      { eventId: old.id, channel: 'discord', state: 'failed' },
      { eventId: old.id, channel: 'other', state: 'pending' },
    ],
  });
  await db.queueControl.update({ where: { queue: 'analyzer' }, data: { paused: true } });

  const samples = await readDatabaseSamples(db);
  const value = (name: string, labels: object = {}) =>
    samples.find((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))?.value;
  expect(value('orchestrator_stage_runs', { stage: 'validate', state: 'ready' })).toBe(1);
  expect(value('orchestrator_oldest_ready_age_seconds', { stage: 'validate' })).toBeGreaterThan(110);
  expect(value('orchestrator_oldest_ready_age_seconds', { stage: 'publish' })).toBe(0);
  expect(value('orchestrator_runs', { state: 'validating' })).toBe(1);
  expect(value('orchestrator_outbox_unsent', { queue: 'coder' })).toBe(1);
  expect(value('orchestrator_outbox_lag_seconds', { queue: 'coder' })).toBe(0);
  expect(value('orchestrator_outbox_lag_seconds', { queue: 'validator' })).toBeGreaterThan(50);
  expect(value('orchestrator_budget_limit_usd', { budget: 'global' })).toBe(30);
  expect(value('orchestrator_budget_committed_usd', { budget: 'global' })).toBe(0.25);
  expect(value('orchestrator_budget_frozen', { budget: 'global' })).toBe(0);
  expect(value('orchestrator_deliveries_dead', { channel: 'discord' })).toBe(1);
  expect(value('orchestrator_deliveries_pending', { channel: 'other' })).toBe(1);
  for (const { name, labels } of samples)
    expect([name, Object.keys(labels).sort()]).toEqual([name, [...METRICS[name].labels].sort()]);
});
