import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { z } from 'zod';

/**
 * The JSON Schema that the analyzer's model answers by: closed objects with all properties required, as structured
 * output demands. It takes no limits on lengths; zod checks those when the answer is read.
 */
export function specificationSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(Specification, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.minLength;
    },
  });
  return schema;
}
