import Anthropic from '@anthropic-ai/sdk';
import { isEcho, type Model } from '../catalog.ts';
import { anthropicBody, anthropicPrompt } from './anthropic-request.ts';
import { readInput, readUsage } from './anthropic-usage.ts';
import type { SdkError } from './failure.ts';
import { defineProvider, type ProviderCall } from './provider.ts';
import { type Reading, readAnswer } from './read-answer.ts';
import { watchTransport } from './transport.ts';

type Event = Anthropic.Messages.RawMessageStreamEvent;

export default defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  keyVariable: 'ANTHROPIC_API_KEY',

  call: (call) =>
    readAnswer(call, new MessageReading(), {
      send: (fetch, signal) =>
        connect(call.env, call.timeoutMs, fetch)
          // Not messages.create: it writes to the console for models that are about to retire.
          .post<AsyncIterable<Event>>('/v1/messages', {
            body: anthropicBody(call.model, call.request),
            stream: true,
            signal,
          })
          .withResponse(),
      requestIdHeader: 'request-id',
      sdkError: (error) => (error instanceof Anthropic.APIError ? sdkError(error) : null),
      isTimeout: (error) => error instanceof Anthropic.APIConnectionTimeoutError,
    }),

  async countTokens({ model, request, env, timeoutMs, signal }: ProviderCall): Promise<number> {
    const body = anthropicBody(model, request);
    const counted = await connect(env, timeoutMs, watchTransport().fetch).messages.countTokens(
      { ...anthropicPrompt(model, request), ...(body.output_config ? { output_config: body.output_config } : {}) },
      { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
    );
    return counted.input_tokens;
  },

  async listModels({ env, timeoutMs, signal }) {
    const page = connect(env, timeoutMs, watchTransport().fetch).models.list({ limit: 1000 }, { signal });
    const models = [];
    for await (const model of page) models.push({ name: model.id, shutdownAt: null });
    return models;
  },
});

function connect(env: ProviderCall['env'], timeoutMs: number, fetch: typeof globalThis.fetch): Anthropic {
  return new Anthropic({
    apiKey: env.ANTHROPIC_API_KEY ?? '',
    baseURL: env.ANTHROPIC_BASE_URL,
    timeout: timeoutMs,
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
    fetch,
  });
}

class MessageReading implements Reading<Event> {
  #start: Anthropic.Messages.Usage | null = null;
  #last: Anthropic.Messages.MessageDeltaUsage | null = null;
  #stopReason: Anthropic.Messages.StopReason | null = null;
  #model = '';
  #text = '';
  #explanation = '';

  take(event: Event): void {
    if (event.type === 'message_start') {
      this.#start = event.message.usage ?? null;
      this.#model = event.message.model;
    } else if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      this.#text += event.delta.text;
    } else if (event.type === 'message_delta') {
      this.#last = event.usage ?? this.#last;
      this.#stopReason = event.delta.stop_reason ?? this.#stopReason;
      this.#explanation = event.delta.stop_details?.explanation ?? this.#explanation;
    }
  }

  get stop() {
    return this.#stopReason === null ? null : (RESULTS[this.#stopReason] ?? 'success');
  }

  get text(): string {
    return this.#text || this.#explanation;
  }

  get usage() {
    return readUsage(this.#start, this.#last);
  }

  get input() {
    return readInput(this.#start, this.#last);
  }

  foreign(model: Model): string | null {
    const { service_tier: tier = null, speed = null, inference_geo: geo = null } = this.#start ?? {};
    if (!isEcho(model, this.#model)) return `the answer is of model "${this.#model}"`;
    if (tier !== null && tier !== 'standard') return `the answer is of service tier "${tier}"`;
    if (speed !== null && speed !== 'standard') return `the answer is of speed "${speed}"`;
    if (geo !== null && geo !== 'global' && geo !== 'not_available') return `the answer is of region "${geo}"`;
    return null;
  }
}

const RESULTS: Readonly<Record<string, 'success' | 'truncated' | 'refusal'>> = {
  max_tokens: 'truncated',
  model_context_window_exceeded: 'truncated',
  refusal: 'refusal',
};

function sdkError(error: InstanceType<typeof Anthropic.APIError>): SdkError {
  const fromVendor =
    !(error instanceof Anthropic.APIConnectionError) && !(error instanceof Anthropic.APIUserAbortError);
  return {
    httpStatus: error.status,
    headers: error.headers,
    codes: `${error.type ?? ''} ${error.errorCode ?? ''}`,
    message: error.apiMessage ?? error.message,
    requestId: error.requestID ?? null,
    fromVendor,
  };
}
