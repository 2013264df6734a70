import { createLoop, type Loop } from '@orchestrator/shared/boot/loop.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Logger } from 'pino';
import type { Channel } from './channel.ts';
import { type Delivering, deliverNext } from './delivery/deliver.ts';
import { beginChannel, fanOut } from './delivery/fan-out.ts';
import { createRulesOf } from './delivery/notify-rules.ts';
import { loadChannels } from './load-channels.ts';

export interface DeliveryLoopOptions {
  readonly db: Database;
  readonly env: Environment;
  readonly log: Logger;
  /** To read notify.events of each repository; absent: the operator's file and the defaults count for all. */
  readonly repositories?: Repositories;
  /** Default 1,000. */
  readonly pollMs?: number;
  /** How long routine news wait for others, to go out as one message where a channel can do that. Default 5 s. */
  readonly gatherMs?: number;
  /** Default 8. */
  readonly maxTries?: number;
  /** Wait after try n. Default: 2 s, 4 s, 8 s, ... at most 10 minutes. */
  readonly backoffMs?: (tries: number) => number;
}

/** What stop() leaves for the last messages: a run that ends the process is still told of. */
const LAST_PASS_MS = 5_000;

/**
 * Tells channels about events: each event at least once to each channel that has an address, in order as far as the
 * channel answers; never twice unless a process died, or an answer was lost, while the channel had it. Any number of
 * processes may run it. What a channel does never reaches a run.
 */
export function createDeliveryLoop(options: DeliveryLoopOptions): Component {
  const { db, env, log, pollMs = 1_000, gatherMs = 5_000, maxTries = 8 } = options;
  const rulesOf = createRulesOf({ env, log, repositories: options.repositories ?? null });
  const delivering: Delivering = {
    db,
    env,
    log,
    rulesOf,
    maxTries,
    backoffMs: options.backoffMs ?? ((tries) => Math.min(1_000 * 2 ** tries, 600_000)),
  };
  const abandoned = new AbortController();
  let loops: Loop[] = [];

  const loopOf = (channel: Channel): Loop => {
    const seen = new Set<bigint>();
    let pausedUntilMs = 0;
    const waitMs = channel.gathers ? gatherMs : 0;
    const pass = async (flush = false): Promise<void> => {
      await fanOut(db, { channel: channel.id, rulesOf, seen, gatherMs: waitMs });
      while (!abandoned.signal.aborted && performance.now() >= pausedUntilMs) {
        const pauseMs = await deliverNext(channel, delivering, abandoned.signal, flush);
        if (pauseMs === null) return;
        pausedUntilMs = performance.now() + pauseMs;
      }
    };
    const failed = (error: unknown) => log.warn({ err: error, channel: channel.id }, 'deliveries cannot go on now');
    return createLoop({
      name: `deliveries to ${channel.id}`,
      everyMs: pollMs,
      async round() {
        await pass().catch(failed);
        return Math.max(pollMs, Math.min(pausedUntilMs - performance.now(), 60_000));
      },
      failed,
      // What waits for company has none to wait for any more.
      atEnd: () => pass(true).catch(failed),
    });
  };

  return {
    name: 'deliveries',
    async start() {
      const channels = (await loadChannels()).filter((channel) => channel.configured(env));
      for (const channel of channels) await beginChannel(db, channel.id);
      loops = channels.map(loopOf);
      for (const loop of loops) await loop.start();
    },
    async stop() {
      const timer = setTimeout(() => abandoned.abort(new Error('the process stops')), LAST_PASS_MS);
      await Promise.all(loops.map((loop) => loop.stop()));
      clearTimeout(timer);
    },
  };
}
