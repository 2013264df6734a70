import { commitResult, type HandOver, StaleClaim } from '@orchestrator/shared/pipeline/commit-outcome.ts';
import { MACHINE, QUEUE_OF, type TransitionKind } from '@orchestrator/shared/pipeline/machine.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { endCancelled, park, release, retryLater } from '@orchestrator/shared/pipeline/put-back.ts';
import { type DeliveryModel, type End, MAX_ERRORS } from './model.ts';
import type { Real } from './real.ts';
import { at, same } from './same.ts';

export const ENDS: readonly End[] = ['advance', 'rework', 'reject', 'fail', 'error', 'wait', 'release', 'cancel'];

/** A worker ends what it holds, or believes to hold: it may be the second time, or long after it was taken away. */
export async function endHold(
  model: DeliveryModel,
  real: Real,
  index: number,
  how: End,
  { forget, over }: { readonly forget: boolean; readonly over: Over },
): Promise<void> {
  const hold = at(real.holds, index);
  if (!hold) return;
  if (forget) real.holds.splice(real.holds.indexOf(hold), 1);
  const end = how === 'rework' && MACHINE[hold.claim.stage].rework === undefined ? 'advance' : how;
  const waitedFor = await queuesWaitedFor(real);
  const stored = await store(real, hold.claim, end, over).catch((error: unknown) => {
    if (error instanceof StaleClaim) return 'stale' as const;
    throw error;
  });
  same(`${end} is taken`, stored !== 'stale', model.end(hold.model, end));
  if (stored === 'stale' || !(end in KINDS)) return;
  const { run } = hold.model;
  const next = model.stageOf(run);
  // A stage that is new has no successor yet, and was not ended by this.
  const follows = next.state === 'pending' && next.generation === 1 && next.fence === 0;
  const handed = follows && over !== 'relay' && !model.held(run) && !waitedFor.has(QUEUE_OF[next.stage]);
  same('handed over', stored !== null, handed);
  next.published = handed || next.published;
  // A worker that dies in between has told the database, and not the queue.
  if (stored && over === 'worker') await real.network.publish(stored.queue, [stored]);
}

const KINDS = { advance: true, rework: true, reject: true, fail: true } satisfies Record<TransitionKind, true>;
/** Who hands the next stage to the queue: nobody but the relay, the worker, or a worker that dies before it does. */
export type Over = 'relay' | 'worker' | 'nobody';
export const OVERS: readonly Over[] = ['relay', 'worker', 'worker', 'nobody'];

/** Queues for which something is announced: what comes after it has to wait for its turn. */
async function queuesWaitedFor({ db }: Real): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ queue: string }[]>`SELECT DISTINCT queue FROM outbox WHERE not_before <= now()`;
  return new Set(rows.map((row) => row.queue));
}

async function store(
  { db }: Real,
  held: Real['holds'][number]['claim'],
  end: End,
  over: Over,
): Promise<HandOver | null> {
  const artifacts: Extract<Outcome, { artifacts: unknown }>['artifacts'] = [
    { kind: 'context', content: { held: held.stage } },
  ];
  const error = { code: 'INTERNAL', message: 'x' };
  const handsOver = over !== 'relay';
  switch (end) {
    case 'advance':
    case 'rework':
      return (await commitResult(db, held, { kind: end, artifacts }, { handsOver })).handOver;
    case 'reject':
    case 'fail':
      return (await commitResult(db, held, { kind: end, artifacts, code: 'NO_COMMANDS', message: 'x' }, { handsOver }))
        .handOver;
    case 'error':
      await retryLater(db, held, error, { maxErrors: MAX_ERRORS, delayMs: () => 3_600_000 });
      return null;
    case 'wait':
      await park(db, held, { kind: 'wait', reason: 'budget', until: new Date(Date.now() + 3_600_000), detail: {} });
      return null;
    case 'release':
      await release(db, held);
      return null;
    case 'cancel':
      await endCancelled(db, held);
      return null;
  }
}
