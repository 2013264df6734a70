import type { NewEvent } from '../contracts/events.ts';
import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import { OUTBOX_COLUMNS, outboxRow, REPLACE_OLDER } from './announce.ts';
import type { Claim } from './claim.ts';
import { type Transition, transition } from './machine.ts';
import type { Outcome } from './outcome.ts';

/** The fence was taken by another worker: the result is dropped. */
export class StaleClaim extends Error {}

/** What the model calls of a stage run took so far. */
export interface Spent {
  readonly tokens: number | null;
  readonly costNanoUsd: string | null;
}

export interface Committed extends Spent {
  readonly next: Transition;
}

/**
 * Ends a stage run with a result: result, events, the run's state, next stage run and its outbox row in one statement,
 * guarded by the fence. One round trip and one commit, whatever the stage brings.
 * Throws StaleClaim, and changes nothing, when the claim is no longer the current one.
 */
export async function commitResult(
  db: Pick<Database, '$queryRaw'>,
  held: Claim,
  outcome: Exclude<Outcome, { kind: 'wait' }>,
): Promise<Committed> {
  const next = transition(held.stage, held.round, outcome.kind);
  const ended = outcome.kind === 'reject' || outcome.kind === 'fail' ? outcome : null;
  const events: NewEvent[] = [...(outcome.events ?? [])];
  if (ended) {
    const data = { code: ended.code, message: ended.message };
    events.push({ type: outcome.kind === 'reject' ? 'run.rejected' : 'run.failed', data });
  }
  const rows = await db.$queryRaw<Spent[]>`/* commit_result */
    WITH ended AS (
      UPDATE stage_run SET state = ${outcome.kind === 'fail' ? 'failed' : 'succeeded'}, outcome = ${outcome.kind},
        ended_at = now(), lease_owner = NULL, lease_until = NULL
      WHERE id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND state = 'running'
      RETURNING id, run_id, round
    ), attempt AS (
      UPDATE stage_attempt a SET ended_at = now(), outcome = ${outcome.kind === 'fail' ? 'failed' : 'succeeded'}
      FROM ended e WHERE a.stage_run_id = e.id AND a.fence = ${held.fence}
    ), artifacts AS (
      INSERT INTO artifact (id, run_id, kind, round, content)
      SELECT gen_random_uuid(), e.run_id, v.kind, e.round, v.content
      FROM ended e, jsonb_to_recordset(${JSON.stringify(outcome.artifacts)}::jsonb) AS v (kind text, content jsonb)
      ON CONFLICT (run_id, kind, round) DO UPDATE SET content = excluded.content
    ), events AS (
      INSERT INTO event (run_id, type, data)
      SELECT e.run_id, v.value->>'type', v.value->'data'
      FROM ended e, jsonb_array_elements(${JSON.stringify(events)}::jsonb) WITH ORDINALITY AS v (value, place) ORDER BY v.place
    ), r AS (
      UPDATE run SET state = ${next.state}, round = ${next.round}, version = version + 1,
        ended_at = CASE WHEN ${next.stage === null} THEN now() END, end_code = ${ended?.code ?? null}, end_message = ${ended?.message ?? null}
      FROM ended e WHERE run.id = e.run_id
      RETURNING run.id, run.task_id, run.created_at, run.priority
    ), s AS (
      INSERT INTO stage_run (id, run_id, stage, round)
      SELECT gen_random_uuid(), r.id, ${next.stage}, ${next.round} FROM r WHERE ${next.stage !== null}
      RETURNING id, stage, generation, available_at
    ), announced AS (
      INSERT INTO outbox (${OUTBOX_COLUMNS}) SELECT ${outboxRow()} FROM s, r JOIN task t ON t.id = r.task_id ${REPLACE_OLDER}
    )
    SELECT pg_notify('outbox', '')::text, spent.* FROM ended, LATERAL ${spentSql(held.stageRunId)} spent`;
  const spent = rows[0];
  if (!spent) throw new StaleClaim();
  return { next, tokens: spent.tokens, costNanoUsd: spent.costNanoUsd };
}

/** Tokens and money of all model calls of a stage run so far; null where it made none. */
export async function spentBy(db: Pick<Database, '$queryRaw'>, stageRunId: string): Promise<Spent> {
  const [spent] = await db.$queryRaw<Spent[]>`SELECT spent.* FROM ${spentSql(stageRunId)} spent`;
  return spent ?? { tokens: null, costNanoUsd: null };
}

const spentSql = (stageRunId: string): Prisma.Sql => Prisma.sql`(
  SELECT sum((SELECT sum(value::bigint) FROM jsonb_each_text(usage) WHERE key <> 'reasoning'))::float8 AS tokens,
    sum(cost_nano_usd)::text AS "costNanoUsd"
  FROM model_call WHERE stage_run_id = ${stageRunId}::uuid
)`;
