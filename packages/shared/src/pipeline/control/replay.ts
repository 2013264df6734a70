import type { Database, Transaction } from '../../db/client.ts';
import { announce } from '../announce.ts';
import { MACHINE, type RunState, type Stage } from '../machine.ts';
import { type By, record } from './intervention.ts';
import { matching, type StageFilter } from './stage-filter.ts';

/** A stage run that ended its run: given up after too many errors or crashes (`dead`), or by a final error (`failed`). */
export interface DeadStage {
  readonly stageRunId: string;
  readonly runId: string;
  readonly taskKey: string;
  readonly stage: Stage;
  readonly round: number;
  readonly state: 'dead' | 'failed';
  readonly errors: number;
  readonly crashes: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly endedAt: Date | null;
}

export interface ReplayFilter extends StageFilter {
  /** Default: only those that were given up. */
  readonly states?: readonly DeadStage['state'][] | undefined;
}

export type Refusal =
  /** The text of the task has changed since, or it is done or gone. */
  | 'outdated'
  /** A later run of the task has taken its place. */
  | 'superseded'
  /** Somebody else replayed it at this moment. */
  | 'not_dead';

export interface Replayed {
  readonly replayed: readonly DeadStage[];
  readonly refused: readonly (DeadStage & { readonly why: Refusal })[];
}

/** The newest first. */
export async function deadStages(
  db: Pick<Database | Transaction, '$queryRaw'>,
  { states = ['dead'], ...filter }: ReplayFilter = {},
  limit = 1_000,
): Promise<DeadStage[]> {
  return db.$queryRaw`
    SELECT s.id AS "stageRunId", r.id AS "runId", t.key AS "taskKey", s.stage, s.round, s.state, s.error_count AS errors,
      s.crash_count AS crashes, r.end_code AS code, r.end_message AS message, s.ended_at AS "endedAt"
    FROM stage_run s JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id
    WHERE s.state = ANY (${[...states]}::text[]) AND r.state = 'failed' AND ${matching(filter)}
    ORDER BY s.ended_at DESC NULLS LAST, s.id LIMIT ${limit}`;
}

/**
 * Starts dead stage runs again where they died, each with fresh counters; what their earlier stages produced still
 * holds, and answers of models that were paid for are used again. One audited row for all.
 */
export async function replay(db: Database, filter: ReplayFilter, by: By): Promise<Replayed> {
  return db.$transaction(
    async (tx) => {
      const replayed: DeadStage[] = [];
      const refused: (DeadStage & { why: Refusal })[] = [];
      for (const dead of await deadStages(tx, filter)) {
        const why = await reopen(tx, dead);
        if (why === null) replayed.push(dead);
        else refused.push({ ...dead, why });
      }
      await announce(
        tx,
        replayed.map((dead) => dead.stageRunId),
      );
      const runs = replayed.map(({ runId, stage }) => ({ runId, stage }));
      await record(tx, 'replay', by, { filter, runs }, replayed.length);
      return { replayed, refused };
    },
    { timeout: 30_000 },
  );
}

/** Under the lock of the task, as every start of a run is: of two, one sees what the other did. */
async function reopen(tx: Transaction, { stageRunId, runId, stage }: DeadStage): Promise<Refusal | null> {
  const [now] = await tx.$queryRaw<{ current: boolean; superseded: boolean }[]>`
    SELECT r.task_revision = t.revision AND t.status NOT IN ('removed', 'done') AS current,
      EXISTS (SELECT FROM run x WHERE x.task_id = t.id AND (x.task_revision, x.number) > (r.task_revision, r.number)) AS superseded
    FROM run r JOIN task t ON t.id = r.task_id WHERE r.id = ${runId}::uuid FOR NO KEY UPDATE OF t`;
  if (now?.superseded) return 'superseded';
  if (!now?.current) return 'outdated';
  const during: RunState = MACHINE[stage].during;
  const changed = await tx.$executeRaw`
    WITH reopened AS (
      UPDATE stage_run SET state = 'pending', generation = generation + 1, published_at = NULL, error_count = 0, crash_count = 0,
        available_at = now(), ended_at = NULL, outcome = NULL, parked_reason = NULL, parked_detail = NULL
      WHERE id = ${stageRunId}::uuid AND state IN ('dead', 'failed') RETURNING run_id
    )
    UPDATE run r SET state = ${during}, version = version + 1, ended_at = NULL, end_code = NULL, end_message = NULL, cancel_requested_at = NULL
    FROM reopened WHERE r.id = reopened.run_id AND r.state = 'failed'`;
  return changed === 0 ? 'not_dead' : null;
}
