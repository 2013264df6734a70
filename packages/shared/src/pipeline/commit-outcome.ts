import type { NewEvent } from '../contracts/events.ts';
import type { JobPayload } from '../contracts/job.ts';
import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { prepared } from '../db/prepared.ts';
import type { Claim } from './claim.ts';
import { COMMIT_RESULTS, SPENT } from './commit-sql.ts';
import { gatheredByDatabase } from './gathered.ts';
import { type QueueName, type Transition, transition } from './machine.ts';
import type { Outcome } from './outcome.ts';

/** The fence was taken by another worker: the result is dropped. */
export class StaleClaim extends Error {}

/** What the model calls of a stage run took so far. */
export interface Spent {
  readonly tokens: number | null;
  readonly costNanoUsd: string | null;
}

export interface HandOver extends JobPayload {
  readonly queue: QueueName;
}

export interface Committed extends Spent {
  readonly next: Transition;
  /** The message of the next stage where it counts as published: the caller hands it to the queue. null: the relay will. */
  readonly handOver: HandOver | null;
}

/** An ended stage run, as the statement reads it. */
interface Given {
  readonly id: string;
  readonly fence: string;
  readonly state: 'succeeded' | 'failed';
  readonly outcome: string;
  readonly run_state: string;
  readonly run_round: number;
  readonly next_stage: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly hands_over: boolean;
  readonly artifacts: readonly unknown[];
  readonly events: readonly NewEvent[];
}

interface Row extends Spent {
  readonly id: string;
  readonly next_id: string | null;
  readonly queue: QueueName | null;
}

const commitTogether = gatheredByDatabase(commitAll, (given) => given.id);

/**
 * Ends a stage run with a result: result, events, the run's state, next stage run and its announcement in one statement,
 * guarded by the fence. One round trip and one commit, whatever the stage brings; results of this process that come at
 * the same time share it. With `handsOver` the caller promises to publish what `handOver` says, where there is room.
 * Throws StaleClaim, and changes nothing, when the claim is no longer the current one.
 */
export async function commitResult(
  db: Database,
  held: Claim,
  outcome: Exclude<Outcome, { kind: 'wait' }>,
  { handsOver = false }: { readonly handsOver?: boolean } = {},
): Promise<Committed> {
  const next = transition(held.stage, held.round, outcome.kind);
  const ended = outcome.kind === 'reject' || outcome.kind === 'fail' ? outcome : null;
  const events: NewEvent[] = [...(outcome.events ?? [])];
  if (ended) {
    const data = { code: ended.code, message: ended.message };
    events.push({ type: outcome.kind === 'reject' ? 'run.rejected' : 'run.failed', data });
  }
  const row = await commitTogether(db, {
    id: held.stageRunId,
    fence: String(held.fence),
    state: outcome.kind === 'fail' ? 'failed' : 'succeeded',
    outcome: outcome.kind,
    run_state: next.state,
    run_round: next.round,
    next_stage: next.stage,
    code: ended?.code ?? null,
    message: ended?.message ?? null,
    hands_over: handsOver,
    artifacts: outcome.artifacts,
    events,
  });
  if (!row) throw new StaleClaim();
  const { tokens, costNanoUsd, next_id, queue } = row;
  const handOver = next_id === null || queue === null ? null : { queue, stageRunId: next_id, generation: 1 };
  return { next, tokens, costNanoUsd, handOver };
}

async function commitAll(db: Database, given: readonly Given[]): Promise<(Row | null)[]> {
  const values = [JSON.stringify(given), given.map(({ id }) => id)];
  const rows = await prepared<Row>(db, 'commit_results', { text: COMMIT_RESULTS, values });
  return given.map(({ id }) => rows.find((row) => row.id === id) ?? null);
}

/** Tokens and money of all model calls of a stage run so far; null where it made none. */
export async function spentBy(db: Pick<Database, '$queryRaw'>, stageRunId: string): Promise<Spent> {
  const [spent] = await db.$queryRaw<Spent[]>`
    SELECT spent.* FROM (SELECT ${stageRunId}::uuid AS id) ended, LATERAL ${Prisma.raw(SPENT)} spent`;
  return spent ?? { tokens: null, costNanoUsd: null };
}
