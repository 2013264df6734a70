import { z } from 'zod';
import type { Ask } from '../scripts/script.ts';

const Part = z.object({ type: z.literal('text'), text: z.string() });
const Content = z.union([z.string(), z.array(Part).min(1)]);

/** The part of POST /v1/chat/completions that this server speaks; anything else is refused rather than ignored. */
export const ChatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content: Content })).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.literal(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).nullish(),
  prompt_cache_key: z.string().nullish(),
  store: z.boolean().nullish(),
  response_format: z
    .union([
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
          description: z.string().optional(),
          schema: z.record(z.string(), z.unknown()),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

/** What POST /v1/responses/input_tokens takes. */
export const CountRequest = z.strictObject({
  model: z.string().min(1),
  input: ChatRequest.shape.messages,
  text: z
    .strictObject({ format: z.object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }) })
    .optional(),
});

export const textOf = (content: z.infer<typeof Content>): string =>
  typeof content === 'string' ? content : content.map((part) => part.text).join('');

/** The question in the words of a script. */
export function askOf(request: ChatRequest, maxOutputTokens: number, number: number): Ask {
  const rows = request.messages.map((message) => ({ role: message.role, content: textOf(message.content) }));
  const format = request.response_format;
  return {
    vendor: 'openai',
    model: request.model,
    system: rows
      .filter((row) => row.role === 'system' || row.role === 'developer')
      .map((row) => row.content)
      .join('\n'),
    messages: rows.flatMap((row) =>
      row.role === 'user' || row.role === 'assistant' ? [{ role: row.role, content: row.content }] : [],
    ),
    schema: format?.type === 'json_schema' ? format.json_schema.schema : null,
    maxOutputTokens,
    number,
  };
}

export interface Problem {
  readonly message: string;
  readonly param: string;
  readonly code: string;
}

/** Why the vendor would answer 400; null where it would not. */
export function problemOf(
  request: ChatRequest,
  limits: { readonly reasoning: boolean; readonly maxOutputTokens: number },
): Problem | null {
  if (limits.reasoning && request.max_tokens != null) {
    return {
      param: 'max_tokens',
      code: 'unsupported_parameter',
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    };
  }
  if (limits.reasoning && request.temperature != null && request.temperature !== 1) {
    return {
      param: 'temperature',
      code: 'unsupported_value',
      message: "Unsupported value: 'temperature' does not support this value with this model.",
    };
  }
  if (!limits.reasoning && request.reasoning_effort != null) {
    return {
      param: 'reasoning_effort',
      code: 'unsupported_parameter',
      message: "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
    };
  }
  const wanted = request.max_completion_tokens ?? request.max_tokens ?? 0;
  if (wanted > limits.maxOutputTokens) {
    return {
      param: 'max_tokens',
      code: 'invalid_value',
      message: `max_tokens is too large: ${wanted}. This model supports at most ${limits.maxOutputTokens} completion tokens.`,
    };
  }
  const format = request.response_format;
  const loose =
    format?.type === 'json_schema' && format.json_schema.strict ? looseObject(format.json_schema.schema) : null;
  if (loose) {
    return {
      param: 'response_format',
      code: 'invalid_json_schema',
      message: `Invalid schema for response_format: ${loose}: 'additionalProperties' is required to be supplied and to be false, and 'required' must name every property.`,
    };
  }
  return null;
}

/** The path of the first object that strict mode refuses; null where there is none. */
function looseObject(schema: unknown, path = '#'): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  if ('type' in schema && schema.type === 'object') {
    const properties =
      'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
    const required = 'required' in schema && Array.isArray(schema.required) ? schema.required : [];
    if (!('additionalProperties' in schema) || schema.additionalProperties !== false) return path;
    if (properties.some((name) => !required.includes(name))) return path;
  }
  for (const [key, value] of Object.entries(schema)) {
    const found = looseObject(value, `${path}/${key}`);
    if (found) return found;
  }
  return null;
}
