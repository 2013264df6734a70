import type { Database } from '@orchestrator/shared/db/client.ts';
import type { z } from 'zod';
import type { RunDetail, StageRun } from './run-shapes.ts';

const MAX_EVENTS = 200;

/** The stages of a run with every attempt, and its latest events. */
export async function readRunDetail(
  db: Database,
  runId: string,
): Promise<Pick<z.infer<typeof RunDetail>, 'stages' | 'events'>> {
  const [stages, events] = await Promise.all([
    db.stageRun.findMany({
      where: { runId },
      orderBy: { createdAt: 'asc' },
      include: { attempts: { orderBy: { fence: 'asc' } } },
    }),
    db.event.findMany({ where: { runId }, orderBy: { id: 'desc' }, take: MAX_EVENTS }),
  ]);
  return {
    stages: stages.map(({ id, round, outcome, generation, errorCount, crashCount, lastError, attempts, ...stage }) => ({
      id,
      round,
      outcome,
      generation,
      errorCount,
      crashCount,
      lastError,
      stage: stage.stage as z.infer<typeof StageRun>['stage'],
      state: stage.state as z.infer<typeof StageRun>['state'],
      availableAt: stage.availableAt.toISOString(),
      startedAt: stage.startedAt?.toISOString() ?? null,
      endedAt: stage.endedAt?.toISOString() ?? null,
      attempts: attempts.map((attempt) => ({
        worker: attempt.workerId,
        startedAt: attempt.startedAt.toISOString(),
        endedAt: attempt.endedAt?.toISOString() ?? null,
        outcome: attempt.outcome,
      })),
    })),
    events: events.reverse().map(({ type, data, at }) => ({ type, data, at: at.toISOString() })),
  };
}
