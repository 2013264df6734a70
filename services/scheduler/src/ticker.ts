import { setTimeout as sleep } from 'node:timers/promises';
import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { describeError } from '@orchestrator/shared/errors/app-error.ts';
import { databaseOutage } from '@orchestrator/shared/errors/store-outage.ts';
import { untilStored } from '@orchestrator/shared/pipeline/until-stored.ts';
import { nextTickAt } from './cadence/next-tick.ts';
import { ensureSchedule, renewTick, setNext, type Tick, takeTick, untilNext } from './cadence/schedule.ts';
import { activeRepositories, type RepositoryRef } from './repository.ts';
import { type TickOptions, tickOnce } from './tick.ts';

export interface TickerOptions extends Omit<TickOptions, 'repository' | 'limit' | 'only' | 'signal'> {
  /** Only these; absent: every repository that is not paused. */
  readonly among?: readonly RepositoryRef[];
  /** The longest sleep before ticks and repositories are looked for again. Default 5 s. */
  readonly lookEveryMs?: number;
}

/** A tick whose scheduler died fires again after this. Renewed three times as often. */
const HOLD_MS = 30_000;
const FIRST_BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 3_600_000;
/** The database was away: no fault of the repository's, and seldom for long. */
const AFTER_OUTAGE_MS = 1_000;

export const tickName = (repository: Pick<RepositoryRef, 'id'>): string => `tick:${repository.id}`;

/**
 * Ticks each repository by the cadence of the budget's phase. A repository that cannot be fetched or read is tried again
 * with backoff, and holds up no other.
 */
export function createTicker(options: TickerOptions): Component {
  const { db, log, among, lookEveryMs = 5_000 } = options;
  const failures = new Map<string, number>();

  async function tickIfDue(repository: RepositoryRef, stopping: AbortSignal): Promise<void> {
    const tick = await takeTick(db, tickName(repository), HOLD_MS);
    if (tick === null) return;
    const held = holdOn(tick);
    try {
      const { config, admitted, skipped } = await tickOnce({ ...options, repository, signal: stopping });
      failures.delete(repository.id);
      const next = await nextTickAt(db, config);
      await setNext(db, await held.letGo(), next);
      log.info({ repository: repository.name, admitted: admitted.length, skipped: skipped.length, next }, 'tick');
    } catch (error) {
      await park(await held.letGo(), repository, error, stopping);
    }
  }

  /** Renews the hold on a tick, which may take long, such as the first fetch of a large repository. */
  function holdOn(taken: Tick): { letGo(): Promise<Tick> } {
    const done = new AbortController();
    let tick = taken;
    const renewing = (async () => {
      while (!done.signal.aborted) {
        await sleep(HOLD_MS / 3, undefined, { signal: done.signal }).catch(() => {});
        // A renewal that fails costs nothing but another scheduler's tick of the same repository.
        if (!done.signal.aborted) tick = (await renewTick(db, tick, HOLD_MS).catch(() => null)) ?? tick;
      }
    })();
    return {
      async letGo() {
        done.abort();
        await renewing;
        return tick;
      },
    };
  }

  async function park(tick: Tick, repository: RepositoryRef, error: unknown, stopping: AbortSignal): Promise<void> {
    // A tick that the shutdown broke off is due at once for whoever comes next.
    if (stopping.aborted) return setNext(db, tick, { inMs: 0 });
    const outage = databaseOutage(error);
    if (outage !== undefined) {
      log.warn({ repository: repository.name, code: outage.code, reason: outage.message }, 'tick broken off');
      // It may still be away; unless this is stored, the tick is held for a while by nobody.
      return untilStored(
        () => setNext(db, tick, { inMs: AFTER_OUTAGE_MS }),
        async () => null,
      );
    }
    const failed = (failures.get(repository.id) ?? 0) + 1;
    failures.set(repository.id, failed);
    const inMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failed - 1), MAX_BACKOFF_MS);
    const { code, message, next } = describeError(error);
    log.warn({ repository: repository.name, code, reason: message, advice: next, againInMs: inMs }, 'tick failed');
    await setNext(db, tick, { inMs });
  }

  return createLoop({
    name: 'ticker',
    everyMs: lookEveryMs,
    // The first fetch of a large repository is a part of a round.
    stuckAfterMs: 3_600_000,
    async round(stopping) {
      const repositories = among ?? (await activeRepositories(db));
      for (const repository of repositories) await ensureSchedule(db, tickName(repository));
      await Promise.all(repositories.map((repository) => tickIfDue(repository, stopping)));
      const dueInMs = (await untilNext(db, repositories.map(tickName))) ?? lookEveryMs;
      // Never a busy loop, even if a clock or a row is odd.
      return Math.max(Math.min(lookEveryMs, dueInMs), 50);
    },
    failed: (error) => log.warn({ err: error }, 'ticks could not be looked up; tried again'),
  });
}
