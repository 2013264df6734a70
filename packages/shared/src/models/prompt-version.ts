import { createHash } from 'node:crypto';
import type { ModelRequest } from './types.ts';

/**
 * `coder-1+3fa9c2`: the number that the prompt's authors gave it, and a digest of what the model is told in any case, so
 * that a text that was changed without a new number is told apart all the same. Null where the asker names no version.
 */
export function promptVersionOf({
  promptVersion,
  system,
}: Pick<ModelRequest, 'promptVersion' | 'system'>): string | null {
  if (promptVersion === undefined) return null;
  return `${promptVersion}+${createHash('sha256').update(system).digest('hex').slice(0, 6)}`;
}
