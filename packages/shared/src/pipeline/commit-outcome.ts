import type { NewEvent } from '../contracts/events.ts';
import type { Database, Transaction } from '../db/client.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Claim } from './claim.ts';
import { QUEUE_OF, SETTLED_STATES, type Stage, type Transition, transition } from './machine.ts';
import type { NewArtifact, Outcome } from './outcome.ts';

/** The fence was taken by another worker: the result is dropped. */
export class StaleClaim extends Error {}

/**
 * Ends a stage run with a result: result, next stage run, outbox row and events in one transaction, guarded by the
 * fence. Throws StaleClaim, and changes nothing, when the claim is no longer the current one.
 */
export async function commitResult(
  db: Database,
  held: Claim,
  outcome: Exclude<Outcome, { kind: 'wait' }>,
): Promise<Transition> {
  const next = transition(held.stage, held.round, outcome.kind);
  const ended =
    outcome.kind === 'reject' || outcome.kind === 'fail' ? { code: outcome.code, message: outcome.message } : null;
  await db.$transaction(async (tx) => {
    await endStageRun(tx, held, outcome.kind === 'fail' ? 'failed' : 'succeeded', outcome.kind);
    await storeArtifacts(tx, held, outcome.artifacts);
    await addEvents(tx, held.runId, outcome.events ?? []);
    await moveRun(tx, held.runId, next, ended);
  });
  return next;
}

/** Sets the run's state and creates the stage run that follows, with its outbox row. */
export async function moveRun(
  tx: Transaction,
  runId: string,
  next: Transition,
  ended: { code: ErrorCode; message: string } | null,
): Promise<void> {
  const settled = SETTLED_STATES.includes(next.state);
  await tx.$executeRaw`
    UPDATE run SET state = ${next.state}, round = ${next.round}, version = version + 1,
      ended_at = CASE WHEN ${settled} THEN now() END, end_code = ${ended?.code ?? null}, end_message = ${ended?.message ?? null}
    WHERE id = ${runId}::uuid`;
  if (ended)
    await addEvents(tx, runId, [{ type: next.state === 'rejected' ? 'run.rejected' : 'run.failed', data: ended }]);
  if (next.stage) await addStageRun(tx, runId, next.stage, next.round);
}

/** Creates a stage run and announces it. */
export async function addStageRun(tx: Transaction, runId: string, stage: Stage, round: number): Promise<string> {
  const { id } = await tx.stageRun.create({ data: { runId, stage, round }, select: { id: true } });
  await announce(tx, id);
  return id;
}

/** Writes the outbox row of the stage run's current generation, and wakes the relay when the transaction commits. */
export async function announce(tx: Transaction, stageRunId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO outbox (stage_run_id, generation, queue, priority, not_before)
    SELECT s.id, s.generation, CASE s.stage
        WHEN 'baseline' THEN ${QUEUE_OF.baseline} WHEN 'analyze' THEN ${QUEUE_OF.analyze} WHEN 'code' THEN ${QUEUE_OF.code}
        WHEN 'validate' THEN ${QUEUE_OF.validate} ELSE ${QUEUE_OF.publish} END,
      r.priority, s.available_at
    FROM stage_run s JOIN run r ON r.id = s.run_id WHERE s.id = ${stageRunId}::uuid
    ON CONFLICT (stage_run_id, generation) DO NOTHING`;
  await tx.$executeRaw`SELECT pg_notify('outbox', '')`;
}

export async function addEvents(tx: Transaction, runId: string | null, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.event.createMany({ data: events.map((event) => ({ runId, type: event.type, data: event.data as object })) });
}

/** Guarded by the fence: throws StaleClaim when another worker holds it. */
export async function endStageRun(
  tx: Transaction,
  held: Claim,
  state: 'succeeded' | 'failed' | 'cancelled' | 'dead',
  outcome: string,
): Promise<void> {
  const changed = await tx.$executeRaw`
    UPDATE stage_run SET state = ${state}, outcome = ${outcome}, ended_at = now(), lease_owner = NULL, lease_until = NULL
    WHERE id = ${held.stageRunId}::uuid AND fence = ${held.fence} AND state = 'running'`;
  if (changed === 0) throw new StaleClaim();
  await endAttempt(tx, held, state === 'cancelled' ? 'cancelled' : state === 'dead' ? 'error' : 'succeeded');
}

export async function endAttempt(
  tx: Transaction,
  held: Pick<Claim, 'stageRunId' | 'fence'>,
  outcome: string,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE stage_attempt SET ended_at = now(), outcome = ${outcome} WHERE stage_run_id = ${held.stageRunId}::uuid AND fence = ${held.fence}`;
}

async function storeArtifacts(tx: Transaction, held: Claim, artifacts: readonly NewArtifact[]): Promise<void> {
  for (const { kind, content } of artifacts) {
    const key = { runId: held.runId, kind, round: held.round };
    const json = content as object;
    await tx.artifact.upsert({
      where: { runId_kind_round: key },
      create: { ...key, content: json },
      update: { content: json },
    });
  }
}
