import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { type Claim, renew } from './claim.ts';

/** Why work was stopped from outside; the `reason` of the aborted signal. */
export class StageAborted extends Error {
  readonly why: 'lost' | 'cancelled' | 'timeout' | 'shutdown';

  constructor(why: StageAborted['why']) {
    super(`stage aborted: ${why}`);
    this.name = 'StageAborted';
    this.why = why;
  }
}

/** Renews the lease until stopped, and aborts the work when the lease is lost, the run is cancelled or time is up. */
export function startHeartbeat(
  db: Database,
  held: Claim,
  timeoutMs: number,
  parent: AbortSignal,
  log: Logger,
): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const abort = (why: StageAborted['why']) => controller.abort(new StageAborted(why));
  let renewedAt = performance.now();
  let busy = false;

  const beat = setInterval(async () => {
    // A database that does not answer must not leave a zombie: past the lease somebody else may have the work.
    if (performance.now() - renewedAt > held.leaseMs) return abort('lost');
    if (busy) return;
    busy = true;
    try {
      const sentAt = performance.now();
      const state = await renew(db, held);
      if (state === 'held') renewedAt = sentAt;
      else abort(state);
    } catch (error) {
      log.warn({ err: error }, 'lease not renewed: the database did not answer');
    } finally {
      busy = false;
    }
  }, held.leaseMs / 15);

  const timer = setTimeout(() => abort('timeout'), timeoutMs);
  const onParent = () => abort('shutdown');
  if (parent.aborted) onParent();
  else parent.addEventListener('abort', onParent, { once: true });
  return {
    signal: controller.signal,
    stop() {
      clearInterval(beat);
      clearTimeout(timer);
      parent.removeEventListener('abort', onParent);
    },
  };
}
