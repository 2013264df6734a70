import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { notPaused } from '@orchestrator/shared/pipeline/paused.ts';
import type { SkippedTask } from './admission/admit.ts';
import { type TickOptions, type TickResult, tickOnce } from './tick.ts';

export interface RunUntilIdleOptions extends TickOptions {
  /** Called after each tick. */
  readonly onTick?: (result: TickResult) => void;
  /** Waits for up to this long are sat out; a stage that waits longer counts as idle. Default 45 s. */
  readonly patienceMs?: number;
  /** After so many ticks nothing more is started; what runs is waited for. Default: no limit. */
  readonly maxTicks?: number;
  /** How often the runs are looked at. Default 250 ms. */
  readonly lookEveryMs?: number;
}

export interface Idle {
  readonly ticks: number;
  /** Runs that were started. */
  readonly started: readonly string[];
  /** What the last tick could not start, and why. */
  readonly skipped: readonly SkippedTask[];
}

/**
 * Ticks at once, and again whenever the runs have moved on, until no task can be started and none is being worked on.
 * Runs that wait for tomorrow's money or for a person are left as they are.
 */
export async function runUntilIdle(options: RunUntilIdleOptions): Promise<Idle> {
  const {
    db,
    repository,
    onTick,
    patienceMs = 45_000,
    maxTicks = Number.POSITIVE_INFINITY,
    lookEveryMs = 250,
    signal,
  } = options;
  const started: string[] = [];
  let skipped: readonly SkippedTask[] = [];
  for (let ticks = 1; ; ticks += 1) {
    const before = await progressOf(db, repository.id, patienceMs);
    const { result, failure } = await tryTick(options);
    // What was started goes on or is taken up next time; only the tick was broken off.
    if (signal?.aborted && failure) return { ticks, started, skipped };
    if (ticks === 1 && failure) throw failure.error;
    if (result) {
      onTick?.(result);
      skipped = result.skipped;
      started.push(...result.admitted.map(({ runId }) => runId));
    }
    const last = ticks >= maxTicks;
    if (result && result.admitted.length > 0 && !last) continue;
    // An ended run makes room or meets a dependency; any step of a run may free money.
    const forMoney = skipped.some(({ code }) => code === 'BUDGET');
    const moved = (now: Progress) => now.settled !== before.settled || (forMoney && now.steps !== before.steps);
    let now = await progressOf(db, repository.id, patienceMs);
    while (last || !moved(now)) {
      if (signal?.aborted) return { ticks, started, skipped };
      // A repository that became unreachable, or a file that was broken meanwhile, does not cut off the runs.
      if (now.working === 0 && failure) throw failure.error;
      if (now.working === 0) return { ticks, started, skipped };
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
      now = await progressOf(db, repository.id, patienceMs);
    }
  }
}

async function tryTick(options: TickOptions): Promise<{ result?: TickResult; failure?: { error: unknown } }> {
  try {
    return { result: await tickOnce(options) };
  } catch (error) {
    options.log.warn({ err: error, repository: options.repository.name }, 'tick failed');
    return { failure: { error } };
  }
}

interface Progress {
  /** Runs that have ended. */
  readonly settled: number;
  /** Transitions of all runs. */
  readonly steps: number;
  /** Stage runs that are worked on, or go on by themselves within the patience. */
  readonly working: number;
}

async function progressOf(db: Database, repositoryId: string, patienceMs: number): Promise<Progress> {
  const rows = await db.$queryRaw<Progress[]>`
    WITH runs AS (
      SELECT r.*, p.paused FROM run r JOIN task t ON t.id = r.task_id
      JOIN repository p ON p.id = t.repository_id
      WHERE t.repository_id = ${repositoryId}::uuid
    )
    SELECT (SELECT count(*)::int FROM runs WHERE ended_at IS NOT NULL) AS settled,
           (SELECT coalesce(sum(version), 0)::int FROM runs) AS steps,
           (SELECT count(*)::int FROM stage_run s JOIN runs r ON r.id = s.run_id, LATERAL (SELECT r.paused) p
            WHERE s.state = 'running' OR (s.state = 'pending' AND ${notPaused()} AND (
              r.cancel_requested_at IS NOT NULL OR s.parked_reason = 'retry'
              OR (s.available_at <= now() + ${patienceMs} * interval '1 millisecond'
                  AND coalesce(s.parked_reason, '') NOT IN ('sandbox', 'configuration'))))) AS working`;
  return rows[0] as Progress;
}
