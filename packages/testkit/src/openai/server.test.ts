import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from '../scripts/model-server.ts';
import { type Answer, inOrder } from '../scripts/script.ts';
import { startOpenAiServer } from './server.ts';

let server: ModelServer | undefined;
afterEach(() => server?.close());

async function start(...answers: Answer[]): Promise<OpenAI> {
  server = await startOpenAiServer({ script: inOrder(...answers), apiKey: 'key' });
  return new OpenAI({ apiKey: 'key', baseURL: server.url, maxRetries: 0, timeout: 30_000, logLevel: 'off' });
}

const question = { model: 'gpt-4.1', max_tokens: 200, messages: [{ role: 'user' as const, content: 'Say hello.' }] };

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('the OpenAI server', () => {
  it('answers with usage and bills exactly that usage', async () => {
    const client = await start({ text: 'Hello there.' });

    const { choices, usage, model } = await client.chat.completions.create(question);

    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hello there.', refusal: null } });
    expect(model).toBe('gpt-4.1-2025-04-14');
    expect(server?.meter.nanoUsd).toBe(
      BigInt(usage?.prompt_tokens ?? 0) * 2_000n + BigInt(usage?.completion_tokens ?? 0) * 8_000n,
    );
  });

  it('streams the text, and the usage last when asked for it', async () => {
    const text = 'All work and no play. '.repeat(60);
    const client = await start({ text });

    const chunks = await collect(
      await client.chat.completions.create({
        ...question,
        max_tokens: 2_000,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );

    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(text);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('streams no usage when not asked for it', async () => {
    const client = await start({ text: 'ok' });

    const chunks = await collect(await client.chat.completions.create({ ...question, stream: true }));

    expect(chunks.some((chunk) => chunk.usage)).toBe(false);
  });

  it('counts reasoning within the output limit', async () => {
    const client = await start({ text: 'never written', reasoningTokens: 500 });

    const { choices, usage } = await client.chat.completions.create({
      model: 'gpt-6-luna',
      max_completion_tokens: 300,
      messages: question.messages,
    });

    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(usage).toMatchObject({ completion_tokens: 300, completion_tokens_details: { reasoning_tokens: 300 } });
  });

  it('refuses to a reasoning model what the vendor refuses', async () => {
    const client = await start({ text: 'ok' });
    const { messages } = question;

    await expect(
      client.chat.completions.create({ model: 'gpt-6-luna', messages, max_tokens: 10 }),
    ).rejects.toMatchObject({ status: 400, param: 'max_tokens' });
    await expect(
      client.chat.completions.create({ model: 'gpt-6-luna', messages, temperature: 0 }),
    ).rejects.toMatchObject({ status: 400, param: 'temperature' });
    await expect(
      client.chat.completions.create({ model: 'gpt-4.1', messages, reasoning_effort: 'low' }),
    ).rejects.toMatchObject({ status: 400 });
  });

  it('finds a long prefix again, as part of prompt_tokens', async () => {
    const client = await start({ text: 'ok' });
    const messages = [{ role: 'user' as const, content: 'rule '.repeat(2_000) }];

    const first = await client.chat.completions.create({ ...question, messages });
    const second = await client.chat.completions.create({
      ...question,
      messages: [...messages, { role: 'assistant', content: 'ok' }, { role: 'user', content: 'And?' }],
    });

    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1_900);
    expect(second.usage?.prompt_tokens).toBeGreaterThan(first.usage?.prompt_tokens ?? 0);
  });

  it('charges for cache writes where the model does', async () => {
    const client = await start({ text: 'ok' });

    const { usage } = await client.chat.completions.create({
      model: 'gpt-6-sol',
      messages: [{ role: 'user', content: 'rule '.repeat(2_000) }],
    });

    expect(usage?.prompt_tokens_details?.cache_write_tokens).toBeGreaterThan(1_900);
    const written = BigInt(usage?.prompt_tokens_details?.cache_write_tokens ?? 0);
    const plain = BigInt(usage?.prompt_tokens ?? 0) - written;
    expect(server?.meter.nanoUsd).toBe(
      plain * 2_000n + written * 2_500n + BigInt(usage?.completion_tokens ?? 0) * 10_000n,
    );
  });

  it('refuses a strict schema that leaves something open', async () => {
    const client = await start({ text: '{}' });
    const format = (schema: Record<string, unknown>) => ({
      type: 'json_schema' as const,
      json_schema: { name: 'answer', strict: true, schema },
    });
    const properties = { a: { type: 'number' } };

    const open = client.chat.completions.create({
      ...question,
      response_format: format({ type: 'object', properties, additionalProperties: false, required: [] }),
    });
    await expect(open).rejects.toMatchObject({ status: 400, param: 'response_format' });
    await client.chat.completions.create({
      ...question,
      response_format: format({ type: 'object', properties, additionalProperties: false, required: ['a'] }),
    });
  });

  it('reports a refusal in its own field', async () => {
    const client = await start({ refusal: 'I cannot.' });

    const { choices } = await client.chat.completions.create(question);

    expect(choices[0]?.message).toMatchObject({ content: null, refusal: 'I cannot.' });
  });

  it.each([
    [
      { kind: 'status', status: 429, code: 'insufficient_quota' },
      { status: 429, code: 'insufficient_quota' },
    ],
    [
      { kind: 'status', status: 500 },
      { status: 500, type: 'server_error' },
    ],
    [{ kind: 'status', status: 503, retryAfterSeconds: 2 }, { status: 503 }],
  ] as const)('answers %j with that status and no bill', async (fault, expected) => {
    const client = await start({ fault });

    await expect(client.chat.completions.create(question)).rejects.toMatchObject(expected);

    expect(server?.meter.requests).toBe(0);
  });

  it.each([
    { kind: 'reset', when: 'before-headers' },
    { kind: 'reset', when: 'mid-body' },
    { kind: 'stream-error', type: 'server_error' },
    { kind: 'malformed' },
  ] as const)('breaks a stream with %j, and bills it all the same', async (fault) => {
    const client = await start({ text: 'x '.repeat(2_000), fault });

    const broken = (async () =>
      collect(await client.chat.completions.create({ ...question, max_tokens: 8_000, stream: true })))();

    await expect(broken).rejects.toThrow();
    expect(server?.meter.requests).toBe(1);
  });

  it('ends a truncated stream without its last chunks', async () => {
    const client = await start({ text: 'x '.repeat(2_000), fault: { kind: 'truncate' } });

    const chunks = await collect(
      await client.chat.completions.create({
        ...question,
        max_tokens: 8_000,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );

    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.some((chunk) => chunk.usage || chunk.choices[0]?.finish_reason)).toBe(false);
  });

  it('lists its models with their shutdown dates', async () => {
    const client = await start({});

    const models = (await client.models.list()).data;

    expect(models.find((model) => model.id === 'gpt-4.1')?.shutdown_date).toBe('2027-01-14');
  });
});
