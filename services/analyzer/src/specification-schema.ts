import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { z } from 'zod';

/**
 * The JSON Schema that the analyzer's model answers by. The vendor's own function keeps to what structured output takes:
 * closed objects, and no constraints on strings; zod checks those when the answer is read.
 */
export function specificationSchema(): Record<string, unknown> {
  return transformJSONSchema(
    z.toJSONSchema(Specification, { io: 'input' }) as Parameters<typeof transformJSONSchema>[0],
  );
}
