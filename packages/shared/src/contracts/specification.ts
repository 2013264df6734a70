import { z } from 'zod';

/**
 * What the analyzer hands to the coder. Paths are relative to the repository's root, with forward slashes.
 * The model answers by the JSON Schema generated from this.
 */
export const Specification = z.object({
  summary: z.string().min(1),
  design: z.string(),
  filesToChange: z.array(
    z.object({ path: z.string().min(1), action: z.enum(['create', 'update', 'delete']), why: z.string() }),
  ),
  filesToRead: z.array(z.string()),
  tests: z.array(z.object({ path: z.string(), covers: z.string() })),
  /** Each success criterion of the task, with the test that shows it or the reason why none can. */
  criteria: z.array(z.object({ criterion: z.string(), shownBy: z.string() })),
  risks: z.array(z.string()),
});
export type Specification = z.infer<typeof Specification>;
