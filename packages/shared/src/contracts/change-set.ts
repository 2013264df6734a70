import { z } from 'zod';

/**
 * A change against a base commit, as whole files: what the guard layer made of a model's answer.
 * It is cumulative: applying it to `baseCommit` gives the complete result, whatever the round.
 *
 * `contentBase64` is the file's bytes (base64, so that encodings, line endings and BOMs survive JSON).
 */
export const FileChange = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('write'),
    path: z.string().min(1),
    mode: z.enum(['100644', '100755']),
    contentBase64: z.string(),
  }),
  z.object({ op: z.literal('delete'), path: z.string().min(1) }),
]);
export type FileChange = z.infer<typeof FileChange>;

export const ChangeSet = z.object({
  baseCommit: z.string().regex(/^[0-9a-f]{40,64}$/),
  summary: z.string(),
  /** Sorted by path, each path once. A move is a delete and a write. */
  files: z.array(FileChange),
});
export type ChangeSet = z.infer<typeof ChangeSet>;
