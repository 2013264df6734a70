import type { Response } from '../http/deliver.ts';
import type { Fault } from '../scripts/script.ts';
import type { PromptTokens } from './prompt-cache.ts';

/** Everything that the two forms of an answer, one body or a stream of chunks, have in common. */
export interface CompletionParts {
  readonly id: string;
  readonly createdSeconds: number;
  readonly model: string;
  readonly text: string;
  readonly refusal: string | null;
  readonly finish: 'stop' | 'length';
  readonly prompt: PromptTokens;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  readonly tier: string;
  readonly fault: Fault | undefined;
}

export function completionBody(parts: CompletionParts): object {
  return {
    ...head(parts, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: parts.refusal === null ? parts.text : null,
          refusal: parts.refusal,
          annotations: [],
        },
        logprobs: null,
        finish_reason: parts.finish,
      },
    ],
    ...(parts.fault?.kind === 'missing-usage' ? {} : { usage: usageOf(parts) }),
  };
}

/** The chunks of a stream, each as the bytes of one server-sent event, `[DONE]` last. */
export function completionChunks(parts: CompletionParts, includeUsage: boolean): string[] {
  const chunk = (choices: object[], usage: object | null = null) =>
    data({ ...head(parts, 'chat.completion.chunk'), choices, ...(includeUsage ? { usage } : {}), obfuscation: 'x' });
  const choice = (delta: object, finish: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason: finish },
  ];
  const field = parts.refusal === null ? 'content' : 'refusal';
  const pieces = (parts.refusal ?? parts.text).match(/[\s\S]{1,400}/g) ?? [];
  const chunks = [
    chunk(choice({ role: 'assistant', content: '', refusal: null })),
    ...pieces.map((piece) => chunk(choice({ [field]: piece }))),
  ];
  if (parts.fault?.kind === 'stream-error') {
    const { type, message } = parts.fault;
    return [
      ...chunks.slice(0, 2),
      data({ error: { message: message ?? 'The server had an error', type, param: null, code: null } }),
    ];
  }
  chunks.push(chunk(choice({}, parts.finish)));
  if (includeUsage && parts.fault?.kind !== 'missing-usage') chunks.push(chunk([], usageOf(parts)));
  return [...chunks, 'data: [DONE]\n\n'];
}

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

function head(parts: CompletionParts, object: string): object {
  return {
    id: parts.id,
    object,
    created: parts.createdSeconds,
    model: parts.model,
    service_tier: parts.tier,
    system_fingerprint: 'fp_testkit',
  };
}

function usageOf(parts: CompletionParts): object {
  return {
    prompt_tokens: parts.prompt.total,
    completion_tokens: parts.completionTokens,
    total_tokens: parts.prompt.total + parts.completionTokens,
    prompt_tokens_details: {
      cached_tokens: parts.prompt.cacheRead,
      cache_write_tokens: parts.prompt.cacheWrite5m,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: parts.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The same answer with a piece in it that no JSON parser takes. */
export function malformed(response: Response): Response {
  if (response.chunks.length === 1) return { ...response, chunks: ['{"object":"chat.completion",'] };
  return {
    ...response,
    chunks: [...response.chunks.slice(0, 1), 'data: {"choices":[{"delta\n\n', ...response.chunks.slice(1)],
  };
}
