import { join } from 'node:path';
import { runIsolated } from './run-isolated.ts';

export interface SecretSource {
  readonly path: string;
  readonly text: string;
}

/** `kind`: whose secret it is, such as aws. The value is never handed on. */
export interface FoundSecret {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly kind: string;
}

/** What secretlint finds. Throws IsolationFailure. */
export async function lintSecrets(
  sources: readonly SecretSource[],
  signal: AbortSignal,
): Promise<readonly FoundSecret[]> {
  if (sources.length === 0) return [];
  return runIsolated({ program: join(import.meta.dirname, 'lint-secrets-program.ts'), input: sources, signal });
}
