import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../types.ts';

type StartUsage = Anthropic.Messages.Usage;
type DeltaUsage = Anthropic.Messages.MessageDeltaUsage;

/**
 * The exact token counts of a message. `input_tokens` excludes cache reads and writes; counts in a stream are
 * cumulative, so the last one holds and nothing is summed; `output_tokens` includes thinking. Only the first usage of a
 * stream splits cache writes by lifetime. Null where a count is missing or impossible, or where tools were used: they
 * are billed apart and never asked for.
 */
export function readUsage(start: StartUsage | null, last: DeltaUsage | null): Usage | null {
  if (!start || !last) return null;
  if (uses(start.server_tool_use) || uses(last.server_tool_use)) return null;
  const input = readInput(start, last);
  const output = last.output_tokens;
  const reasoning = last.output_tokens_details?.thinking_tokens ?? start.output_tokens_details?.thinking_tokens ?? 0;
  if (!input || !isCount(output) || !isCount(reasoning)) return null;
  return { ...input, output, reasoning };
}

/** The input alone: known from the first event of a stream on. */
export function readInput(
  start: StartUsage | null,
  last: DeltaUsage | null = null,
): Omit<Usage, 'output' | 'reasoning'> | null {
  if (!start) return null;
  const input = last?.input_tokens ?? start.input_tokens;
  const cacheRead = last?.cache_read_input_tokens ?? start.cache_read_input_tokens ?? 0;
  const cacheWrite = last?.cache_creation_input_tokens ?? start.cache_creation_input_tokens ?? 0;
  const cacheWrite1h = start.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const counts = { input, cacheRead, cacheWrite5m: cacheWrite - cacheWrite1h, cacheWrite1h };
  return Object.values(counts).every(isCount) ? counts : null;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const uses = (tools: Anthropic.Messages.ServerToolUsage | null | undefined): boolean =>
  (tools?.web_search_requests ?? 0) > 0 || (tools?.web_fetch_requests ?? 0) > 0;
