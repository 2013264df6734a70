import { z } from 'zod';

/** What the analyzer saw of the repository, and what the coder may be shown of the files that it does not get whole. */
export const RepositoryContext = z.object({
  /** Identity of the question: a later run with the same key takes over the specification without paying. */
  key: z.string(),
  promptVersion: z.string(),
  /** In the order of the prompt. `tokens` is an estimate; `whole`: the full text, otherwise signatures or a beginning. */
  files: z.array(z.object({ path: z.string(), tokens: z.number().int(), reason: z.string(), whole: z.boolean() })),
  /** Declarations without bodies, nearest to the task first. */
  signatures: z.array(z.object({ path: z.string(), text: z.string() })),
  tokens: z.number().int(),
  /** What was left out or corrected, one sentence each. */
  notes: z.array(z.string()),
});
export type RepositoryContext = z.infer<typeof RepositoryContext>;
