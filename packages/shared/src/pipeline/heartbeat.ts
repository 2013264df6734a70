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

/** The last look before an effect outside: prolongs the lease, and throws StageAborted where the claim is not ours any more. */
export async function confirmHeld(db: Database, held: Claim): Promise<void> {
  const state = await renew(db, held);
  if (state !== 'held') throw new StageAborted(state);
}

/** What may stop a stage besides its lease. */
export interface Limits {
  readonly timeoutMs: number;
  /** The process stops. */
  readonly shutdown: AbortSignal;
  /** The queue no longer holds the message for us. It decides nothing: the lease is looked at once more, at once. */
  readonly doubt?: AbortSignal | undefined;
}

/** Renews the lease until stopped, and aborts the work when the lease is lost, the run is cancelled or time is up. */
export function startHeartbeat(
  db: Database,
  held: Claim,
  { timeoutMs, shutdown, doubt }: Limits,
  log: Logger,
): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const abort = (why: StageAborted['why']) => controller.abort(new StageAborted(why));
  let renewedAt = performance.now();
  let busy = false;
  // A database that does not answer must not leave a zombie: past the lease somebody else may have the work. A process
  // that was merely stopped for that long asks first; nobody may have wanted it.
  const expired = () => performance.now() - renewedAt > held.leaseMs;

  async function beat(): Promise<void> {
    if (busy) return expired() ? abort('lost') : undefined;
    busy = true;
    try {
      const sentAt = performance.now();
      const state = await renew(db, held);
      if (state === 'held') renewedAt = sentAt;
      else abort(state);
    } catch (error) {
      log.warn({ err: error }, 'lease not renewed: the database did not answer');
      if (expired()) abort('lost');
    } finally {
      busy = false;
    }
  }

  const beats = setInterval(beat, held.leaseMs / 15);
  const timer = setTimeout(() => abort('timeout'), timeoutMs);
  const onShutdown = () => abort('shutdown');
  if (shutdown.aborted) onShutdown();
  else shutdown.addEventListener('abort', onShutdown, { once: true });
  doubt?.addEventListener('abort', beat, { once: true });
  return {
    signal: controller.signal,
    stop() {
      clearInterval(beats);
      clearTimeout(timer);
      shutdown.removeEventListener('abort', onShutdown);
      doubt?.removeEventListener('abort', beat);
    },
  };
}
