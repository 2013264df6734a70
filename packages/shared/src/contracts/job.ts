import { z } from 'zod';

/** A queue message: a hint that a stage run may be claimed. It decides nothing. */
export const JobPayload = z.object({ stageRunId: z.uuid(), generation: z.number().int().positive() });
export type JobPayload = z.infer<typeof JobPayload>;
