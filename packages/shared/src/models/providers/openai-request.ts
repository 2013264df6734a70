import type OpenAI from 'openai';
import type { BoundedRequest } from '../bounds.ts';
import type { Model } from '../catalog.ts';
import { effortOf } from './effort.ts';

/** The body of a Chat Completions call. Everything that changes the price is pinned: tier, one choice, no tools. */
export function openAiBody(model: Model, request: BoundedRequest): OpenAI.ChatCompletionCreateParamsStreaming {
  const { dialect } = model;
  const effort = effortOf(dialect);
  const { schema } = request;
  return {
    model: model.name,
    messages: [
      // Every compatible server knows `system`; the vendor reads it as `developer` where it prefers that.
      ...(request.system === '' ? [] : [{ role: 'system' as const, content: request.system }]),
      ...request.messages.map(({ role, content }) => ({ role, content })),
    ],
    [dialect.outputLimit]: request.maxOutputTokens,
    n: 1,
    stream: true,
    stream_options: { include_usage: true },
    service_tier: 'default',
    store: false,
    ...(dialect.temperature === 'accepted' ? { temperature: 0 } : {}),
    ...(effort ? { reasoning_effort: effort } : {}),
    ...(schema && dialect.schema === 'supported'
      ? {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: schema.name, schema: schema.schema, strict: true },
          },
        }
      : {}),
  };
}

/** What the count endpoint takes for the same prompt. */
export function openAiCount(model: Model, request: BoundedRequest): OpenAI.Responses.InputTokenCountParams {
  const { schema } = request;
  return {
    model: model.name,
    input: [
      ...(request.system === '' ? [] : [{ role: 'system' as const, content: request.system }]),
      ...request.messages.map(({ role, content }) => ({ role, content })),
    ],
    ...(schema
      ? { text: { format: { type: 'json_schema' as const, name: schema.name, schema: schema.schema, strict: true } } }
      : {}),
  };
}
