import { RUN_STATES, STAGES } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';

const instant = z.string().describe('ISO 8601, UTC.');
const nanoUsd = z.string().describe('Nano-dollars, decimal.');

export const Run = z.object({
  run: z.uuid(),
  task: z.string(),
  title: z.string(),
  repository: z.string(),
  state: z.enum(RUN_STATES),
  round: z.number().int(),
  stage: z.enum(STAGES).nullable(),
  stageState: z.enum(['pending', 'running']).nullable(),
  waiting: z
    .object({
      reason: z.string(),
      until: instant,
      code: z.string().nullable(),
      message: z.string().nullable(),
      next: z.string().nullable(),
    })
    .nullable(),
  spentNanoUsd: nanoUsd,
  heldNanoUsd: nanoUsd,
  tokens: z.number().int(),
  branch: z.string().nullable(),
  url: z.string().nullable(),
  patch: z.string().nullable(),
  endCode: z.string().nullable(),
  endMessage: z.string().nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
});

export const StageRun = z.object({
  id: z.uuid(),
  stage: z.enum(STAGES),
  round: z.number().int(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'dead', 'cancelled']),
  outcome: z.string().nullable(),
  generation: z.number().int(),
  errorCount: z.number().int(),
  crashCount: z.number().int(),
  availableAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  lastError: z.unknown(),
  attempts: z.array(
    z.object({
      worker: z.string(),
      startedAt: instant,
      endedAt: instant.nullable(),
      outcome: z.string().nullable(),
    }),
  ),
});

export const RunDetail = Run.extend({
  stages: z.array(StageRun).describe('In order.'),
  events: z.array(z.object({ type: z.string(), data: z.unknown(), at: instant })).describe('The latest 200, in order.'),
});
