import type OpenAI from 'openai';
import type { Usage } from '../types.ts';

/**
 * The exact token counts of a completion. `prompt_tokens` includes cached and newly cached tokens, the opposite of
 * Anthropic; `completion_tokens` includes reasoning and rejected predictions. Null where a count is missing or impossible.
 */
export function readUsage(usage: OpenAI.CompletionUsage | null | undefined): Usage | null {
  if (!usage) return null;
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWrite5m = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  const counts = {
    input: usage.prompt_tokens - cacheRead - cacheWrite5m,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
  return Object.values(counts).every((count) => Number.isSafeInteger(count) && count >= 0) ? counts : null;
}
