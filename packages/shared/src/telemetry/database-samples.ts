import { isTaskBudget } from '../budget/budget-ids.ts';
import type { NanoUsd } from '../budget/money.ts';
import { currentWindows } from '../budget/windows.ts';
import type { Database } from '../db/client.ts';
import { queueOf } from '../pipeline/announce.ts';
import { QUEUES } from '../pipeline/machine.ts';
import { notPaused } from '../pipeline/paused.ts';
import { readBacklog } from '../read/backlog.ts';
import { type Sample, sample } from './metrics.ts';

/** Everything that only the database knows. A handful of queries over rows that are waiting. */
export async function readDatabaseSamples(db: Database): Promise<Sample[]> {
  const samples = await Promise.all([stages(db), runs(db), outbox(db), budget(db), deliveries(db)]);
  return samples.flat();
}

async function stages(db: Database): Promise<Sample[]> {
  return (await readBacklog(db)).flatMap(({ stage, queue: _queue, oldestReadySeconds, ...states }) => [
    sample('orchestrator_oldest_ready_age_seconds', { stage }, oldestReadySeconds ?? 0),
    ...Object.entries(states).map(([state, n]) => sample('orchestrator_stage_runs', { stage, state }, n)),
  ]);
}

async function runs(db: Database): Promise<Sample[]> {
  const rows = await db.run.groupBy({ by: ['state'], _count: true });
  return rows.map(({ state, _count }) => sample('orchestrator_runs', { state }, _count));
}

async function outbox(db: Database): Promise<Sample[]> {
  const rows = await db.$queryRaw<{ queue: string; unsent: number; lag: number }[]>`
    SELECT o.queue, count(*)::int AS unsent,
      CASE WHEN EXISTS (
        SELECT FROM stage_run x WHERE x.state = 'pending' AND x.published_at IS NOT NULL AND ${queueOf('x.stage')} = o.queue
      ) THEN 0 ELSE extract(epoch FROM now() - min(o.not_before)) END::float8 AS lag
    FROM outbox o JOIN stage_run s ON s.id = o.stage_run_id AND s.generation = o.generation AND s.state = 'pending'
    JOIN run r ON r.id = s.run_id JOIN repository p ON p.id = o.repository_id
    WHERE o.not_before <= now() AND ${notPaused()} GROUP BY o.queue`;
  return QUEUES.flatMap((queue) => {
    const row = rows.find((one) => one.queue === queue);
    return [
      sample('orchestrator_outbox_unsent', { queue }, row?.unsent ?? 0),
      sample('orchestrator_outbox_lag_seconds', { queue }, row?.lag ?? 0),
    ];
  });
}

/** Windows of tasks are left out: there is one for each task that names a limit, and none is watched. */
async function budget(db: Database): Promise<Sample[]> {
  const budgets = await db.budget.findMany({ select: { id: true } });
  const windows = await currentWindows(
    db,
    budgets.map(({ id }) => id).filter((id) => !isTaskBudget(id)),
  );
  return windows.flatMap(({ budgetId, limitNanoUsd, reservedNanoUsd, settledNanoUsd, frozenAt }) => [
    sample('orchestrator_budget_limit_usd', { budget: budgetId }, inUsd(limitNanoUsd)),
    sample('orchestrator_budget_committed_usd', { budget: budgetId }, inUsd(reservedNanoUsd + settledNanoUsd)),
    sample('orchestrator_budget_reserved_usd', { budget: budgetId }, inUsd(reservedNanoUsd)),
    sample('orchestrator_budget_frozen', { budget: budgetId }, frozenAt === null ? 0 : 1),
  ]);
}

/** Prometheus has floats only; nothing is decided by them. */
const inUsd = (amount: NanoUsd): number => Number(amount) / 1e9;

async function deliveries(db: Database): Promise<Sample[]> {
  const rows = await db.$queryRaw<{ channel: string; pending: number; dead: number }[]>`
    SELECT d.channel, count(*) FILTER (WHERE d.state = 'pending')::int AS pending,
      count(*) FILTER (WHERE d.state = 'failed')::int AS dead
    FROM delivery d JOIN event e ON e.id = d.event_id
    WHERE d.state = 'pending' OR (d.state = 'failed' AND e.at > now() - interval '24 hours') GROUP BY d.channel`;
  return rows.flatMap(({ channel, pending, dead }) => [
    sample('orchestrator_deliveries_pending', { channel }, pending),
    sample('orchestrator_deliveries_dead', { channel }, dead),
  ]);
}
