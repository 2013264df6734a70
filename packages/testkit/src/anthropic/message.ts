import type { Response } from '../http/deliver.ts';
import type { BilledTokens } from '../metering/meter.ts';
import type { Fault } from '../scripts/script.ts';

/** Everything that the two forms of an answer, one body or a stream of events, have in common. */
export interface MessageParts {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly stop: 'end_turn' | 'max_tokens' | 'refusal';
  readonly refusal: string | null;
  readonly tokens: BilledTokens;
  readonly thinkingTokens: number;
  readonly tier: string;
  readonly fault: Fault | undefined;
}

export function messageBody(parts: MessageParts): object {
  return {
    ...head(parts),
    content: [{ type: 'text', text: parts.text, citations: null }],
    stop_reason: parts.stop,
    stop_details: stopDetails(parts),
    ...(parts.fault?.kind === 'missing-usage' ? {} : { usage: startUsage(parts, parts.tokens.output) }),
  };
}

/** The events of a stream, each as the bytes of one server-sent event. */
export function messageEvents(parts: MessageParts): string[] {
  const usage = parts.fault?.kind === 'missing-usage' ? {} : { usage: startUsage(parts, 1) };
  const pieces = parts.text.match(/[\s\S]{1,400}/g) ?? [];
  const events = [
    event('message_start', {
      message: { ...head(parts), content: [], stop_reason: null, stop_details: null, ...usage },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '', citations: null } }),
    event('ping', {}),
    ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
  ];
  if (parts.fault?.kind === 'stream-error') {
    const { type, message } = parts.fault;
    return [
      ...events.slice(0, 4),
      event('error', { error: { type, message: message ?? 'Overloaded' }, request_id: parts.id }),
    ];
  }
  events.push(
    event('content_block_stop', { index: 0 }),
    // Cumulative: an early count first, then the final one. Summing them would bill twice.
    messageDelta(parts, null, Math.floor(parts.tokens.output / 2)),
    messageDelta(parts, parts.stop, parts.tokens.output),
    event('message_stop', {}),
  );
  return events;
}

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

function head(parts: MessageParts): object {
  return {
    id: parts.id,
    type: 'message',
    role: 'assistant',
    model: parts.model,
    container: null,
    diagnostics: null,
    stop_sequence: null,
  };
}

function stopDetails(parts: MessageParts): object | null {
  return parts.stop === 'refusal' ? { type: 'refusal', category: 'general_harms', explanation: parts.refusal } : null;
}

function startUsage(parts: MessageParts, outputTokens: number): object {
  const { tokens } = parts;
  return {
    input_tokens: tokens.input,
    cache_creation_input_tokens: tokens.cacheWrite5m + tokens.cacheWrite1h,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: tokens.cacheWrite5m, ephemeral_1h_input_tokens: tokens.cacheWrite1h },
    output_tokens: outputTokens,
    output_tokens_details: parts.thinkingTokens > 0 ? { thinking_tokens: parts.thinkingTokens } : null,
    server_tool_use: null,
    service_tier: parts.tier,
    inference_geo: parts.fault?.kind === 'wrong-region' ? parts.fault.region : 'global',
    speed: parts.fault?.kind === 'wrong-speed' ? parts.fault.speed : 'standard',
  };
}

function messageDelta(parts: MessageParts, stop: string | null, outputTokens: number): string {
  const { tokens } = parts;
  const usage = {
    input_tokens: tokens.input,
    cache_creation_input_tokens: tokens.cacheWrite5m + tokens.cacheWrite1h,
    cache_read_input_tokens: tokens.cacheRead,
    output_tokens: outputTokens,
    output_tokens_details: parts.thinkingTokens > 0 ? { thinking_tokens: parts.thinkingTokens } : null,
    server_tool_use: null,
  };
  const delta = {
    stop_reason: stop,
    stop_sequence: null,
    stop_details: stop === null ? null : stopDetails(parts),
    container: null,
  };
  return event('message_delta', parts.fault?.kind === 'missing-usage' ? { delta } : { delta, usage });
}

/** The same answer with a piece in it that no JSON parser takes. */
export function malformed(response: Response): Response {
  if (response.chunks.length === 1) return { ...response, chunks: ['{"type":"message",'] };
  const broken = 'event: content_block_delta\ndata: {"type":"content_\n\n';
  return { ...response, chunks: [...response.chunks.slice(0, 3), broken, ...response.chunks.slice(3)] };
}
