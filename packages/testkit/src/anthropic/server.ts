import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { recordRequests } from '../http/recorded-request.ts';
import { createApp, listen } from '../http/server.ts';
import { createMeter } from '../metering/meter.ts';
import { ANTHROPIC_PRICES, findPrice } from '../metering/price-list.ts';
import type { ModelServer, ModelServerOptions } from '../scripts/model-server.ts';
import { eventStream, jsonResponse, replyToAsk } from '../scripts/reply-to-ask.ts';
import { answerMessage } from './answer-message.ts';
import { errorBody } from './errors.ts';
import { malformed, messageBody, messageEvents } from './message.ts';
import { modelRows } from './models.ts';
import { countInput, PromptCache, schemaTokens } from './prompt-cache.ts';
import { askOf, blocksOf, CountRequest, MessagesRequest, problemOf } from './request.ts';

/** A server that speaks Anthropic Messages, with its own bill. `url` is what ANTHROPIC_BASE_URL takes. */
export async function startAnthropicServer(options: ModelServerOptions): Promise<ModelServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const meter = createMeter();
  const cache = new PromptCache();
  let asked = 0;

  const refuse = (reply: FastifyReply, status: number, message: string) => {
    const id = `req_${randomUUID()}`;
    return reply
      .code(status)
      .header('request-id', id)
      .send(errorBody(status, message, id));
  };

  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, error.message),
  );
  app.setNotFoundHandler((request, reply) => refuse(reply, 404, `${request.method} ${request.url} is not known`));
  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (!key || (options.apiKey !== undefined && key !== options.apiKey))
      return refuse(reply, 401, 'invalid x-api-key');
    if (!request.headers['anthropic-version']) return refuse(reply, 400, 'anthropic-version: header is required');
  });

  app.get('/v1/models', async () => {
    const data = modelRows();
    return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
  });

  app.post('/v1/messages/count_tokens', async (request, reply) => {
    const parsed = CountRequest.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, parsed.error.message);
    if (!findPrice(ANTHROPIC_PRICES, parsed.data.model)) return refuse(reply, 404, `model: ${parsed.data.model}`);
    return { input_tokens: countInput(blocksOf(parsed.data), schemaTokens(parsed.data.output_config?.format?.schema)) };
  });

  app.post('/v1/messages', async (request, reply) => {
    const parsed = MessagesRequest.safeParse(request.body);
    if (!parsed.success) return refuse(reply, 400, parsed.error.message);
    const { model, max_tokens: maxTokens, stream } = parsed.data;
    const price = findPrice(ANTHROPIC_PRICES, model);
    if (!price) return refuse(reply, 404, `model: ${model}`);
    const problem = problemOf(parsed.data, price);
    if (problem) return refuse(reply, 400, problem);

    asked += 1;
    const ask = askOf(parsed.data, asked);
    const id = `msg_${randomUUID().replaceAll('-', '')}`;
    const headers = { 'request-id': `req_${id}` };
    return replyToAsk(reply, options.script, ask, {
      streamed: stream,
      malformed,
      error: (status, message, more = {}) =>
        jsonResponse(status, errorBody(status, message, headers['request-id'], more.type, more.code), {
          ...headers,
          ...(more.retryAfterSeconds === undefined ? {} : { 'retry-after': String(more.retryAfterSeconds) }),
        }),
      answer: (answer) => {
        const input = cache.charge(model, blocksOf(parsed.data), schemaTokens(ask.schema));
        const parts = answerMessage(answer, { id, model, price, maxTokens, input, meter });
        return stream ? eventStream(messageEvents(parts), headers) : jsonResponse(200, messageBody(parts), headers);
      },
    });
  });

  const { url, close } = await listen(app, options.port ?? 0, options.host);
  return {
    url,
    close,
    requests,
    meter,
    get generations() {
      return requests.filter((row) => row.method === 'POST' && row.path === '/v1/messages');
    },
  };
}

/** The key of either header: newer clients send a bearer token, older ones x-api-key. */
function keyOf(request: FastifyRequest): string | undefined {
  const own = request.headers['x-api-key'];
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? (Array.isArray(own) ? own[0] : own);
}
