import type { Database } from '../db/client.ts';
import { currentTracer, inSpan } from '../telemetry/tracing.ts';
import type { Claim } from './claim.ts';
import { STAGES } from './machine.ts';

/** Ends that a person may have to look at. */
const FAILURES: readonly string[] = ['failed', 'dead', 'retry', 'lost'];

/** A claimed stage as a span of its run's trace; `ended` of what `work` gives is what came of it. */
export async function tracedStage<T extends { readonly ended: string }>(
  db: Database,
  held: Claim,
  workerId: string,
  work: () => Promise<T>,
): Promise<T> {
  const { runId, stage, round, fence } = held;
  const values = {
    'orchestrator.run': runId,
    'orchestrator.stage': stage,
    'orchestrator.stage_run': held.stageRunId,
    'orchestrator.round': round,
    'orchestrator.fence': String(fence),
    'orchestrator.worker': workerId,
  };
  // A trace without its first span is no reason not to work.
  await beginRun(db, held).catch(() => {});
  return inSpan({ name: `stage ${stage}`, values, runId }, async (note) => {
    const result = await work();
    note({ 'orchestrator.outcome': result.ended }, FAILURES.includes(result.ended) ? result.ended : undefined);
    return result;
  });
}

const [FIRST_STAGE] = STAGES;

/** The first claim of the first stage begins the trace. */
async function beginRun(db: Database, { runId, stage, round, fence }: Claim): Promise<void> {
  const tracer = currentTracer();
  const isFirst = fence === 1n && round === 1 && stage === FIRST_STAGE;
  if (tracer === undefined || !isFirst) return;
  const run = await db.run.findUnique({
    where: { id: runId },
    select: { createdAt: true, task: { select: { key: true, repository: { select: { name: true } } } } },
  });
  if (!run) return;
  const { key, repository } = run.task;
  const values = { 'orchestrator.run': runId, 'orchestrator.task': key, 'orchestrator.repository': repository.name };
  tracer.beginRun({ runId, createdAt: run.createdAt, values });
}
