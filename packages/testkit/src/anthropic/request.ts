import { z } from 'zod';
import type { Ask } from '../scripts/script.ts';

const CacheControl = z.object({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).default('5m') });
const Text = z.object({ type: z.literal('text'), text: z.string(), cache_control: CacheControl.nullish() });
const Content = z.union([z.string(), z.array(Text).min(1)]);

/** The part of POST /v1/messages that this server speaks; anything else is refused rather than ignored. */
export const MessagesRequest = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: Content })).min(1),
  system: Content.optional(),
  stream: z.boolean().default(false),
  temperature: z.number().min(0).max(1).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  inference_geo: z.string().nullish(),
  metadata: z.object({ user_id: z.string().nullish() }).optional(),
  thinking: z
    .object({ type: z.enum(['disabled', 'adaptive', 'enabled']) })
    .loose()
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
    })
    .optional(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;

/** What POST /v1/messages/count_tokens takes. */
export const CountRequest = MessagesRequest.omit({
  max_tokens: true,
  stream: true,
  service_tier: true,
  inference_geo: true,
  temperature: true,
  metadata: true,
});

export interface Block {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  /** The prefix up to here is to be cached for this long. */
  readonly ttl: '5m' | '1h' | null;
}

/** System and messages as one list of text blocks, in the order in which the model reads them. */
export function blocksOf(request: Pick<MessagesRequest, 'system' | 'messages'>): Block[] {
  const expand = (role: Block['role'], content: z.infer<typeof Content>): Block[] =>
    typeof content === 'string'
      ? [{ role, text: content, ttl: null }]
      : content.map((block) => ({ role, text: block.text, ttl: block.cache_control?.ttl ?? null }));
  return [
    ...(request.system === undefined ? [] : expand('system', request.system)),
    ...request.messages.flatMap((message) => expand(message.role, message.content)),
  ];
}

/** The question in the words of a script. */
export function askOf(request: MessagesRequest, number: number): Ask {
  const text = (content: z.infer<typeof Content>) =>
    typeof content === 'string' ? content : content.map((block) => block.text).join('\n');
  return {
    vendor: 'anthropic',
    model: request.model,
    system: text(request.system ?? ''),
    messages: request.messages.map(({ role, content }) => ({ role, content: text(content) })),
    schema: request.output_config?.format?.schema ?? null,
    maxOutputTokens: request.max_tokens,
    number,
  };
}

/** Why the vendor would answer 400; null where it would not. */
export function problemOf(
  request: MessagesRequest,
  model: { readonly maxOutputTokens: number; readonly withoutGeo?: true },
): string | null {
  if (request.max_tokens > model.maxOutputTokens) return `max_tokens: ${request.max_tokens} > ${model.maxOutputTokens}`;
  if (model.withoutGeo && request.inference_geo) return 'inference_geo: not supported by this model';
  const blocks = blocksOf(request);
  const marked = blocks.filter((block) => block.ttl).length;
  if (marked > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marked}.`;
  if (blocks.some((block) => block.text.trim() === '')) return 'messages: text content blocks must be non-empty';
  if (request.messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  const open = request.output_config?.format && openObject(request.output_config.format.schema);
  if (open)
    return `output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false (at ${open})`;
  return null;
}

/** The path of the first object in a schema that allows other properties; null where there is none. */
export function openObject(schema: unknown, path = '#'): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  if (!Array.isArray(schema) && 'type' in schema && schema.type === 'object') {
    if (!('additionalProperties' in schema) || schema.additionalProperties !== false) return path;
  }
  for (const [key, value] of Object.entries(schema)) {
    const found = openObject(value, `${path}/${key}`);
    if (found) return found;
  }
  return null;
}
