import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import type { ModelServer } from '@orchestrator/testkit/scripts/model-server.ts';
import { type Answer, type Fault, inOrder, type Script } from '@orchestrator/testkit/scripts/script.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/environment.ts';
import type { BoundedRequest } from '../bounds.ts';
import { findModel } from '../catalog.ts';
import type { SeenResult } from '../outcomes.ts';
import { priceUsage } from '../price-usage.ts';
import type { ProviderCall } from './provider.ts';
import { PROVIDERS } from './providers.ts';

const KEY = 'key-0123456789abcdef';
const AT = new Date('2026-11-22T00:00:00Z');
const LONG_TEXT = 'All work and no play makes Jack a dull boy. '.repeat(200);

const VENDORS = [
  {
    id: 'anthropic',
    start: startAnthropicServer,
    model: 'anthropic/claude-haiku-4-5',
    newer: 'anthropic/claude-sonnet-5-5',
  },
  { id: 'openai', start: startOpenAiServer, model: 'openai/gpt-4.1', newer: 'openai/gpt-6-luna' },
] as const;

describe.each(VENDORS)('provider $id', ({ id, start, model, newer }) => {
  const provider = PROVIDERS[id];
  let server: ModelServer | undefined;
  afterEach(() => server?.close());

  async function call(
    script: Script | Answer,
    more: { request?: Partial<BoundedRequest>; model?: string; key?: string } & Partial<
      Pick<ProviderCall, 'signal' | 'timeoutMs'>
    > = {},
  ) {
    server ??= await start({ script: typeof script === 'function' ? script : inOrder(script), apiKey: KEY });
    return provider.call({
      model: findModel(more.model ?? model),
      request: {
        system: 'Be short.',
        messages: [{ role: 'user', content: 'Say hello.' }],
        maxOutputTokens: 4_000,
        ...more.request,
      },
      env: readEnvironment(
        { [provider.keyVariable]: more.key ?? KEY, ANTHROPIC_BASE_URL: server.url, OPENAI_BASE_URL: server.url },
        '/tmp',
      ),
      timeoutMs: more.timeoutMs ?? 30_000,
      signal: more.signal ?? new AbortController().signal,
    });
  }
  afterEach(() => {
    server = undefined;
  });

  it.each([model, newer])('reads the answer of %s, and its usage to the nano-dollar of the bill', async (name) => {
    const report = await call({ text: LONG_TEXT }, { model: name });

    expect(report).toMatchObject({ result: 'success', text: LONG_TEXT, reason: '', httpStatus: 200 });
    expect(report.vendorRequestId).toMatch(/^req_/);
    expect(report.usage && priceUsage(findModel(name), report.usage, AT)).toBe(server?.meter.nanoUsd);
  });

  it('reads what caches did, to the nano-dollar of the bill', async () => {
    const prefix = { role: 'user' as const, content: 'A rule that never changes. '.repeat(1_000), cacheable: true };
    const first = await call({ text: 'ok' }, { request: { messages: [prefix] } });
    const again = await call(
      { text: 'ok' },
      { request: { messages: [prefix, { role: 'assistant', content: 'ok' }, { role: 'user', content: 'And now?' }] } },
    );

    expect(again.usage?.cacheRead).toBeGreaterThan(4_000);
    const cost = [first, again].reduce(
      (sum, { usage }) => sum + (usage ? priceUsage(findModel(model), usage, AT) : 0n),
      0n,
    );
    expect(cost).toBe(server?.meter.nanoUsd);
  });

  it('reads reasoning as part of the output', async () => {
    const report = await call({ text: 'ok', reasoningTokens: 700 }, { model: newer });

    expect(report.usage).toMatchObject({ reasoning: 700 });
    expect(report.usage?.output).toBeGreaterThan(700);
    expect(report.usage && priceUsage(findModel(newer), report.usage, AT)).toBe(server?.meter.nanoUsd);
  });

  it('asks for an answer by schema', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    let seen: unknown;
    const report = await call(
      (ask) => {
        seen = ask.schema;
        return { text: '{"a":"b"}' };
      },
      { request: { schema: { name: 'answer', schema } } },
    );

    expect(seen).toEqual(schema);
    expect(JSON.parse(report.text)).toEqual({ a: 'b' });
  });

  it('pins what changes the price', async () => {
    await call({ text: 'ok' }, { model: newer });

    const body = server?.generations[0]?.body;
    expect(body).toMatchObject(
      id === 'anthropic'
        ? { service_tier: 'standard_only', inference_geo: 'global', max_tokens: 4_000, stream: true }
        : {
            service_tier: 'default',
            n: 1,
            max_completion_tokens: 4_000,
            stream: true,
            stream_options: { include_usage: true },
          },
    );
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('temperature');
  });

  it('asks models without reasoning at temperature 0', async () => {
    await call({ text: 'ok' });

    expect(server?.generations[0]?.body).toMatchObject({ temperature: 0 });
  });

  it('tells a truncated answer from a complete one', async () => {
    const report = await call({ text: LONG_TEXT }, { request: { maxOutputTokens: 300 } });

    expect(report.result).toBe('truncated');
    expect(report.usage?.output).toBe(300);
  });

  it('tells a refusal, with its usage', async () => {
    const report = await call({ refusal: 'I will not do that.' });

    expect(report).toMatchObject({ result: 'refusal', text: 'I will not do that.' });
    expect(report.usage && priceUsage(findModel(model), report.usage, AT)).toBe(server?.meter.nanoUsd);
  });

  const faults: [Fault, SeenResult][] = [
    [{ kind: 'status', status: 429, retryAfterSeconds: 3 }, 'rate_limited'],
    [{ kind: 'status', status: 429, code: 'insufficient_quota' }, 'spend_limit'],
    [{ kind: 'status', status: 429, code: 'enforced_spend_limit_reached' }, 'spend_limit'],
    [{ kind: 'status', status: 400, message: 'Your credit balance is too low to access the API.' }, 'spend_limit'],
    [{ kind: 'status', status: 402 }, 'spend_limit'],
    [{ kind: 'status', status: 529 }, 'overloaded'],
    [{ kind: 'status', status: 503 }, 'overloaded'],
    [{ kind: 'status', status: 500 }, 'server_error'],
    [{ kind: 'status', status: 502 }, 'gateway_error'],
    [{ kind: 'status', status: 504 }, 'gateway_error'],
    [{ kind: 'status', status: 524 }, 'gateway_error'],
    [{ kind: 'status', status: 408 }, 'gateway_error'],
    [{ kind: 'status', status: 401 }, 'key_rejected'],
    [{ kind: 'status', status: 403 }, 'key_rejected'],
    [{ kind: 'status', status: 400 }, 'rejected'],
    [{ kind: 'status', status: 404 }, 'not_offered'],
    [{ kind: 'status', status: 307 }, 'rejected'],
    [{ kind: 'stream-error', type: 'overloaded_error' }, 'stream_error'],
    [{ kind: 'malformed' }, 'malformed'],
    [{ kind: 'truncate' }, 'reset'],
    [{ kind: 'reset', when: 'before-headers' }, 'reset'],
    [{ kind: 'reset', when: 'mid-body' }, 'reset'],
    [{ kind: 'hang', when: 'before-headers' }, 'timeout'],
    [{ kind: 'hang', when: 'mid-body' }, 'timeout'],
    [{ kind: 'missing-usage' }, 'missing_usage'],
    [{ kind: 'wrong-model', model: 'other-model' }, 'wrong_model'],
    [{ kind: 'wrong-tier', tier: 'priority' }, 'wrong_model'],
  ];
  it.each(faults)('sees %j as %s, in one request', async (fault, result) => {
    const report = await call({ text: LONG_TEXT, fault }, { timeoutMs: fault.kind === 'hang' ? 2_000 : 30_000 });

    expect(report.result).toBe(result);
    expect(report.usage).toBeNull();
    expect(server?.generations).toHaveLength(1);
  });

  it.skipIf(id !== 'anthropic').each([
    [{ kind: 'wrong-speed', speed: 'fast' }, 'the answer is of speed "fast"'],
    [{ kind: 'wrong-region', region: 'us' }, 'the answer is of region "us"'],
  ] as const)('sees %j as an answer that was not priced', async (fault, reason) => {
    expect(await call({ text: 'ok', fault })).toMatchObject({ result: 'wrong_model', reason, usage: null });
  });

  it('reads the wait that the vendor asks for', async () => {
    const report = await call({ fault: { kind: 'status', status: 429, retryAfterSeconds: 3 } });

    expect(report.retryAfterMs).toBe(3_000);
  });

  it.each(['before-headers', 'mid-body'] as const)('gives up when the caller does, %s', async (when) => {
    const caller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const running = call(
      () => {
        asked.resolve();
        return { text: LONG_TEXT, fault: { kind: 'hang', when } };
      },
      { signal: caller.signal },
    );
    await asked.promise;
    caller.abort();

    expect((await running).result).toBe('aborted');
  });

  it('knows that nothing was sent where no server listens', async () => {
    server = await start({ script: inOrder({}) });
    await server.close();

    expect((await call({})).result).toBe('not_sent');
  });

  it('does not follow a redirect, and does not repeat the key in what it reports', async () => {
    const report = await call({ fault: { kind: 'status', status: 400, message: `bad key ${KEY}` } });

    expect(report.reason).toContain('bad key ***');
    expect(JSON.stringify(report)).not.toContain(KEY);
  });

  it('counts the input of a request as the vendor bills it, in no generation', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const request = { schema: { name: 'answer', schema } };
    const report = await call({ text: '{}' }, { model: newer, request });
    const counted = await provider.countTokens?.({
      model: findModel(newer),
      request: {
        system: 'Be short.',
        messages: [{ role: 'user', content: 'Say hello.' }],
        maxOutputTokens: 4_000,
        ...request,
      },
      env: readEnvironment(
        { [provider.keyVariable]: KEY, ANTHROPIC_BASE_URL: server?.url, OPENAI_BASE_URL: server?.url },
        '/tmp',
      ),
      timeoutMs: 30_000,
      signal: new AbortController().signal,
    });

    expect(counted).toBe(report.usage?.input);
    expect(server?.generations).toHaveLength(1);
  });

  it('lists the models of the vendor', async () => {
    server = await start({ script: inOrder({}) });
    const env = readEnvironment(
      { [provider.keyVariable]: KEY, ANTHROPIC_BASE_URL: server.url, OPENAI_BASE_URL: server.url },
      '/tmp',
    );

    const listed = await provider.listModels({ env, timeoutMs: 30_000, signal: new AbortController().signal });

    expect(listed.map(({ name }) => name)).toContain(findModel(newer).name);
  });
});
