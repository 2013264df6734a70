import OpenAI from 'openai';
import { isEcho, type Model } from '../catalog.ts';
import type { SdkError } from './failure.ts';
import { openAiBody, openAiCount } from './openai-request.ts';
import { readUsage } from './openai-usage.ts';
import { defineProvider, type ProviderCall } from './provider.ts';
import { type Reading, readAnswer } from './read-answer.ts';
import { watchTransport } from './transport.ts';

export default defineProvider({
  id: 'openai',
  name: 'OpenAI',
  keyVariable: 'OPENAI_API_KEY',

  call: (call) =>
    readAnswer(call, new CompletionReading(), {
      send: (fetch, signal) =>
        connect(call.env, call.timeoutMs, fetch)
          .chat.completions.create(openAiBody(call.model, call.request), { signal })
          .withResponse(),
      requestIdHeader: 'x-request-id',
      sdkError: (error) => (error instanceof OpenAI.APIError ? sdkError(error) : null),
      isTimeout: (error) => error instanceof OpenAI.APIConnectionTimeoutError,
    }),

  // Not by the local tokenizer: it knows no model that came after it. Servers that only speak Chat Completions have no count.
  async countTokens({ model, request, env, timeoutMs, signal }): Promise<number> {
    const counted = await connect(env, timeoutMs, watchTransport().fetch).responses.inputTokens.count(
      openAiCount(model, request),
      { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
    );
    return counted.input_tokens;
  },

  async listModels({ env, timeoutMs, signal }) {
    const models = [];
    for await (const model of connect(env, timeoutMs, watchTransport().fetch).models.list({ signal })) {
      models.push({ name: model.id, shutdownAt: model.shutdown_date ?? null });
    }
    return models;
  },
});

function connect(env: ProviderCall['env'], timeoutMs: number, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    apiKey: env.OPENAI_API_KEY ?? '',
    baseURL: env.OPENAI_BASE_URL,
    // Not from the process environment: what is billed where is decided by the key alone.
    organization: null,
    project: null,
    timeout: timeoutMs,
    maxRetries: 0,
    logLevel: 'off',
    fetch,
  });
}

class CompletionReading implements Reading<OpenAI.ChatCompletionChunk> {
  readonly input = null;
  #finish: OpenAI.ChatCompletionChunk.Choice['finish_reason'] = null;
  #usage: OpenAI.CompletionUsage | null = null;
  #models = new Set<string>();
  #tiers = new Set<string>();
  #text = '';
  #refusal = '';

  take(chunk: OpenAI.ChatCompletionChunk): void {
    this.#models.add(chunk.model);
    if (chunk.service_tier) this.#tiers.add(chunk.service_tier);
    this.#usage = chunk.usage ?? this.#usage;
    const choice = chunk.choices[0];
    this.#text += choice?.delta.content ?? '';
    this.#refusal += choice?.delta.refusal ?? '';
    this.#finish = choice?.finish_reason ?? this.#finish;
  }

  get stop() {
    if (this.#finish === null) return null;
    if (this.#refusal !== '' || this.#finish === 'content_filter') return 'refusal';
    return this.#finish === 'length' ? 'truncated' : 'success';
  }

  get text(): string {
    return this.#refusal || this.#text;
  }

  get usage() {
    return readUsage(this.#usage);
  }

  foreign(model: Model): string | null {
    const stranger = [...this.#models].find((name) => !isEcho(model, name));
    if (stranger !== undefined) return `the answer is of model "${stranger}"`;
    const tier = [...this.#tiers].find((name) => name !== 'default');
    return tier === undefined ? null : `the answer is of service tier "${tier}"`;
  }
}

function sdkError(error: InstanceType<typeof OpenAI.APIError>): SdkError {
  const fromVendor = !(error instanceof OpenAI.APIConnectionError) && !(error instanceof OpenAI.APIUserAbortError);
  return {
    httpStatus: error.status,
    headers: error.headers,
    codes: `${error.type ?? ''} ${error.code ?? ''}`,
    message: error.message,
    requestId: error.requestID ?? null,
    fromVendor,
  };
}
