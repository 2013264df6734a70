import type Anthropic from '@anthropic-ai/sdk';
import type { BoundedRequest } from '../bounds.ts';
import type { Model } from '../catalog.ts';
import { effortOf } from './effort.ts';

type Body = Anthropic.Messages.MessageCreateParamsStreaming;

/** Models that answer 400 to `inference_geo`: those before Opus 4.6 and Sonnet 4.6. They have one price everywhere. */
const WITHOUT_GEO = new Set(['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5']);

/** The most cache markers that one request may carry. */
const MAX_MARKERS = 4;

/** The body of a Messages call. Everything that changes the price is pinned: tier, region, no tools, no fast mode. */
export function anthropicBody(model: Model, request: BoundedRequest): Body {
  const { dialect } = model;
  const effort = effortOf(dialect);
  const format =
    request.schema && dialect.schema === 'supported'
      ? { type: 'json_schema' as const, schema: request.schema.schema }
      : null;
  return {
    ...anthropicPrompt(model, request),
    max_tokens: request.maxOutputTokens,
    stream: true,
    service_tier: 'standard_only',
    ...(WITHOUT_GEO.has(model.family) ? {} : { inference_geo: 'global' }),
    ...(dialect.temperature === 'accepted' ? { temperature: 0 } : {}),
    ...(format || effort ? { output_config: { ...(format ? { format } : {}), ...(effort ? { effort } : {}) } } : {}),
  };
}

/** What the count endpoint takes: the part of the body that the model reads. */
export function anthropicPrompt(model: Model, request: BoundedRequest): Pick<Body, 'model' | 'system' | 'messages'> {
  const marked = markedMessages(model, request);
  return {
    model: model.name,
    ...(request.system === '' ? {} : { system: request.system }),
    messages: request.messages.map(({ role, content }, index) => ({
      role,
      content: marked.has(index)
        ? [{ type: 'text' as const, text: content, cache_control: { type: 'ephemeral' as const } }]
        : content,
    })),
  };
}

/** Where the cache markers go: the first place, which most later calls share, and the last ones, which repairs extend. */
function markedMessages(model: Model, request: BoundedRequest): ReadonlySet<number> {
  if (model.dialect.cache !== 'marker') return new Set();
  const places = request.messages.flatMap((message, index) => (message.cacheable ? [index] : []));
  return new Set(places.length <= MAX_MARKERS ? places : [...places.slice(0, 1), ...places.slice(1 - MAX_MARKERS)]);
}
