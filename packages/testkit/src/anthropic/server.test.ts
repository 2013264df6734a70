import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from '../scripts/model-server.ts';
import { type Answer, inOrder } from '../scripts/script.ts';
import { startAnthropicServer } from './server.ts';

let server: ModelServer | undefined;
afterEach(() => server?.close());

async function start(...answers: Answer[]): Promise<Anthropic> {
  server = await startAnthropicServer({ script: inOrder(...answers), apiKey: 'key' });
  return new Anthropic({ apiKey: 'key', baseURL: server.url, maxRetries: 0, timeout: 30_000, logLevel: 'off' });
}

const question = {
  model: 'claude-haiku-4-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
};

describe('the Anthropic server', () => {
  it('answers a message with usage and bills exactly that usage', async () => {
    const client = await start({ text: 'Hello there.' });

    const message = await client.messages.create(question);

    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello there.' }]);
    expect(message.model).toBe('claude-haiku-4-5-20251001');
    expect(message.stop_reason).toBe('end_turn');
    const { input_tokens, output_tokens } = message.usage;
    expect(server?.meter.nanoUsd).toBe(BigInt(input_tokens) * 1_000n + BigInt(output_tokens) * 5_000n);
  });

  it('streams the same message, with a placeholder first and cumulative usage after', async () => {
    const text = 'All work and no play. '.repeat(60);
    const client = await start({ text });

    const stream = client.messages.stream({ ...question, max_tokens: 2_000 });
    const deltas: number[] = [];
    let placeholder = 0;
    stream.on('streamEvent', (event) => {
      if (event.type === 'message_start') placeholder = event.message.usage.output_tokens;
      if (event.type === 'message_delta') deltas.push(event.usage.output_tokens);
    });
    const message = await stream.finalMessage();

    expect(message.content[0]).toMatchObject({ text });
    expect(placeholder).toBe(1);
    expect(deltas).toHaveLength(2);
    expect(message.usage.output_tokens).toBe(deltas[1]);
  });

  it('cuts an answer at max_tokens and says so', async () => {
    const client = await start({ text: 'word '.repeat(1_000) });

    const message = await client.messages.create({ ...question, max_tokens: 50 });

    expect(message.stop_reason).toBe('max_tokens');
    expect(message.usage.output_tokens).toBe(50);
  });

  it('reports a refusal with its details', async () => {
    const client = await start({ refusal: 'No.' });

    const message = await client.messages.create(question);

    expect(message).toMatchObject({ stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: 'No.' } });
  });

  it('writes a marked prefix to the cache and reads it the next time', async () => {
    const client = await start({ text: 'ok' });
    const prefix = {
      role: 'user' as const,
      content: [{ type: 'text' as const, text: 'rule '.repeat(2_000), cache_control: { type: 'ephemeral' as const } }],
    };

    const first = await client.messages.create({ ...question, messages: [prefix] });
    const second = await client.messages.create({
      ...question,
      messages: [prefix, { role: 'assistant', content: 'ok' }, { role: 'user', content: 'And?' }],
    });

    expect(first.usage).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 0 });
    expect(first.usage.cache_creation?.ephemeral_5m_input_tokens).toBeGreaterThan(2_000);
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
    expect(second.usage.cache_creation_input_tokens).toBe(0);
    expect(second.usage.input_tokens).toBeGreaterThan(0);
  });

  it('counts the tokens that a message will be billed for', async () => {
    const client = await start({ text: 'ok' });

    const counted = await client.messages.countTokens({ model: question.model, messages: question.messages });
    const message = await client.messages.create(question);

    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    expect(server?.generations).toHaveLength(1);
  });

  it('passes the schema of a structured answer to the script, and refuses an open one', async () => {
    let seen: unknown;
    server = await startAnthropicServer({
      script: (ask) => {
        seen = ask.schema;
        return { text: '{"a":1}' };
      },
    });
    const client = new Anthropic({ apiKey: 'any', baseURL: server.url, maxRetries: 0, logLevel: 'off' });
    const schema = {
      type: 'object',
      properties: { a: { type: 'number' } },
      required: ['a'],
      additionalProperties: false,
    };

    await client.messages.create({ ...question, output_config: { format: { type: 'json_schema', schema } } });
    const open = client.messages.create({
      ...question,
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });

    await expect(open).rejects.toMatchObject({ status: 400 });
    expect(seen).toEqual(schema);
  });

  it.each([
    [
      { kind: 'status', status: 429, retryAfterSeconds: 7 },
      { status: 429, type: 'rate_limit_error' },
    ],
    [
      { kind: 'status', status: 529 },
      { status: 529, type: 'overloaded_error' },
    ],
    [{ kind: 'status', status: 503 }, { status: 503 }],
    [
      { kind: 'status', status: 400, message: 'no' },
      { status: 400, type: 'invalid_request_error', apiMessage: 'no' },
    ],
  ] as const)('answers %j with that status and no bill', async (fault, expected) => {
    const client = await start({ fault });

    await expect(client.messages.create(question)).rejects.toMatchObject(expected);

    expect(server?.meter.requests).toBe(0);
  });

  it('sends the retry-after header of a 429', async () => {
    const client = await start({ fault: { kind: 'status', status: 429, retryAfterSeconds: 7 } });

    const error = await client.messages
      .create(question)
      .catch((caught: unknown) => caught as InstanceType<typeof Anthropic.APIError>);

    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect((error as { headers: Headers }).headers.get('retry-after')).toBe('7');
  });

  it.each([
    { kind: 'reset', when: 'before-headers' },
    { kind: 'reset', when: 'mid-body' },
    { kind: 'stream-error', type: 'overloaded_error' },
    { kind: 'malformed' },
  ] as const)('breaks a stream with %j, and bills it all the same', async (fault) => {
    const client = await start({ text: 'x '.repeat(2_000), fault });

    await expect(client.messages.stream({ ...question, max_tokens: 8_000 }).finalMessage()).rejects.toThrow();

    expect(server?.meter.requests).toBe(1);
  });

  it('hangs until the client gives up', async () => {
    const client = await start({ fault: { kind: 'hang', when: 'before-headers' } });

    await expect(client.messages.create(question, { timeout: 100 })).rejects.toBeInstanceOf(
      Anthropic.APIConnectionTimeoutError,
    );
  });

  it('refuses a wrong key and an unknown model', async () => {
    const client = await start({ text: 'ok' });
    const stranger = new Anthropic({ apiKey: 'other', baseURL: server?.url ?? '', maxRetries: 0, logLevel: 'off' });

    await expect(stranger.messages.create(question)).rejects.toMatchObject({ status: 401 });
    await expect(client.messages.create({ ...question, model: 'claude-0' })).rejects.toMatchObject({ status: 404 });
  });

  it('lists its models', async () => {
    const client = await start({});

    const ids = (await client.models.list()).data.map((model) => model.id);

    expect(ids).toContain('claude-sonnet-5-5');
  });
});
