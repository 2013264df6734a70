import type { By } from '@orchestrator/shared/pipeline/control/intervention.ts';
import { z } from 'zod';

/** The optional body of whatever interferes: it is put on record. */
export const Interference = z
  .object({ reason: z.string().max(500).optional().describe('Why; it is put on record.') })
  .nullish();

export const interferer = (body: z.infer<typeof Interference>): By => ({ actor: 'api', reason: body?.reason });
