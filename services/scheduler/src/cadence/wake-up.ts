import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { notPaused } from '@orchestrator/shared/pipeline/paused.ts';
import type { RepositoryRef } from '../repository.ts';
import { tickName } from '../ticker.ts';
import { nextTickAt } from './next-tick.ts';
import { ensureSchedule } from './schedule.ts';

/** A wake-up that is so much too early counts: those who are woken by a cron are woken late, and the next may be far away. */
export const EARLY_MS = 5 * 60_000;

/** Whether a wake-up has something to do. null: nothing is known of the next tick. */
export const isDue = (wakeAt: Date | null, now: Date): boolean =>
  wakeAt === null || wakeAt.getTime() - EARLY_MS <= now.getTime();

/** Sets the next tick of a repository that is ticked by wake-ups from outside, by the cadence of the phase. */
export async function rememberNextTick(
  db: Database,
  repository: RepositoryRef,
  config: Pick<OrchestratorConfig, 'budget'>,
): Promise<void> {
  const next = await nextTickAt(db, config);
  const at = next instanceof Date ? next : new Date(Date.now() + next.inMs);
  await ensureSchedule(db, tickName(repository));
  await db.$executeRaw`UPDATE schedule SET next_run_at = ${at}::timestamptz WHERE name = ${tickName(repository)}`;
}

/** Whether new tasks may be started by now: its tick is due, or it was never ticked. */
export async function isTickDue(db: Database, repository: RepositoryRef): Promise<boolean> {
  const row = await db.schedule.findUnique({ where: { name: tickName(repository) }, select: { nextRunAt: true } });
  return isDue(row?.nextRunAt ?? null, new Date());
}

/**
 * When a repository has something to do next: its next tick, or work that has begun and can go on. null: it was never
 * ticked. What waits for a person waits for a tick too.
 */
export async function wakeUpAt(db: Database, url: string): Promise<Date | null> {
  const repository = await db.repository.findUnique({ where: { url }, select: { id: true, url: true, name: true } });
  if (repository === null) return null;
  const rows = await db.$queryRaw<{ at: Date | null }[]>`
    SELECT least(tick.next_run_at, work.at) AS at
    FROM (SELECT min(next_run_at) AS next_run_at FROM schedule WHERE name = ${tickName(repository)}) tick,
    LATERAL (
      SELECT CASE WHEN tick.next_run_at IS NULL THEN NULL ELSE min(s.available_at) END AS at
      FROM stage_run s JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id
      JOIN repository p ON p.id = t.repository_id
      WHERE p.id = ${repository.id}::uuid
        AND (s.state = 'running' OR (s.state = 'pending' AND ${notPaused()}
          AND coalesce(s.parked_reason, '') NOT IN ('sandbox', 'configuration')))
    ) work`;
  return rows[0]?.at ?? null;
}
