import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { loadChannels } from './load-channels.ts';

export interface TestResult {
  readonly channel: string;
  /** `silent`: it has no address. */
  readonly result: 'sent' | 'silent' | 'failed';
  /** Why it failed, or null. Holds no secret. */
  readonly reason: string | null;
}

/** Sends a test message to each channel that has an address. */
export async function sendTest(
  env: Environment,
  signal: AbortSignal = new AbortController().signal,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const { id, configured, sendTest: send } of await loadChannels()) {
    if (!configured(env)) results.push({ channel: id, result: 'silent', reason: null });
    else {
      const result = await send(env, signal);
      results.push(
        result.kind === 'sent'
          ? { channel: id, result: 'sent', reason: null }
          : { channel: id, result: 'failed', reason: result.reason },
      );
    }
  }
  return results;
}
