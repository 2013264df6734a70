import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { recordRequests } from '../http/recorded-request.ts';
import { createApp, listen } from '../http/server.ts';
import { createMeter } from '../metering/meter.ts';
import { findPrice, OPENAI_PRICES } from '../metering/price-list.ts';
import type { ModelServer, ModelServerOptions } from '../scripts/model-server.ts';
import { eventStream, jsonResponse, replyToAsk } from '../scripts/reply-to-ask.ts';
import { answerCompletion } from './answer-completion.ts';
import { completionBody, completionChunks, malformed } from './completion.ts';
import { errorBody } from './errors.ts';
import { countPrompt, PromptCache } from './prompt-cache.ts';
import { askOf, ChatRequest, CountRequest, problemOf, textOf } from './request.ts';

/** A server that speaks OpenAI Chat Completions, with its own bill. `url` ends in /v1, as OPENAI_BASE_URL takes it. */
export async function startOpenAiServer(options: ModelServerOptions): Promise<ModelServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const meter = createMeter();
  const cache = new PromptCache();
  let asked = 0;

  const refuse = (reply: FastifyReply, status: number, message: string, more: { code?: string; param?: string } = {}) =>
    reply
      .code(status)
      .header('x-request-id', `req_${randomUUID()}`)
      .send(errorBody(status, message, more));

  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, error.message),
  );
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, 404, `Unknown request URL: ${request.method} ${request.url}`),
  );
  app.addHook('preHandler', async (request, reply) => {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!key || (options.apiKey !== undefined && key !== options.apiKey))
      return refuse(reply, 401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
  });

  app.get('/v1/models', async () => ({
    object: 'list',
    data: Object.keys(OPENAI_PRICES).map((id) => ({
      id,
      object: 'model',
      created: 1_744_588_800,
      owned_by: 'system',
      shutdown_date: id.startsWith('gpt-4.1') ? '2027-01-14' : null,
    })),
  }));

  app.post('/v1/responses/input_tokens', async (request, reply) => {
    const parsed = CountRequest.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, parsed.error.message);
    const { input, text } = parsed.data;
    const rows = input.map((message) => ({ role: message.role, content: textOf(message.content) }));
    return { object: 'response.input_tokens', input_tokens: countPrompt(rows, text?.format.schema ?? null) };
  });

  app.post('/v1/chat/completions', async (request, reply) => {
    const parsed = ChatRequest.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, parsed.error.message);
    const { model, messages, stream, stream_options: streamOptions } = parsed.data;
    const price = findPrice(OPENAI_PRICES, model);
    if (!price)
      return refuse(reply, 404, `The model \`${model}\` does not exist or you do not have access to it.`, {
        code: 'model_not_found',
      });
    const problem = problemOf(parsed.data, {
      reasoning: price.reasoning ?? false,
      maxOutputTokens: price.maxOutputTokens,
    });
    if (problem) return refuse(reply, 400, problem.message, problem);

    asked += 1;
    const maxTokens = parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? price.maxOutputTokens;
    const ask = askOf(parsed.data, maxTokens, asked);
    const id = `chatcmpl-${randomUUID()}`;
    const headers = { 'x-request-id': `req_${id}` };
    return replyToAsk(reply, options.script, ask, {
      streamed: stream === true,
      malformed,
      error: (status, message, more = {}) =>
        jsonResponse(status, errorBody(status, message, more), {
          ...headers,
          ...(more.retryAfterSeconds === undefined ? {} : { 'retry-after': String(more.retryAfterSeconds) }),
        }),
      answer: (answer) => {
        const rows = messages.map((message) => ({ role: message.role, content: textOf(message.content) }));
        const prompt = cache.charge(model, rows, ask.schema, price.cacheWrite5m > price.input);
        const parts = answerCompletion(answer, { id, model, price, maxTokens, prompt, meter });
        return stream
          ? eventStream(completionChunks(parts, streamOptions?.include_usage === true), headers)
          : jsonResponse(200, completionBody(parts), headers);
      },
    });
  });

  const { url, close } = await listen(app, options.port ?? 0, options.host);
  return {
    url: `${url}/v1`,
    close,
    requests,
    meter,
    get generations() {
      return requests.filter((row) => row.method === 'POST' && row.path === '/v1/chat/completions');
    },
  };
}
