import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { inOrder } from '@orchestrator/testkit/scripts/script.ts';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/environment.ts';
import { findModel } from '../catalog.ts';
import anthropic from './anthropic.ts';

const KEY = 'key-0123456789abcdef';
const LONG_TEXT = 'All work and no play makes Jack a dull boy. '.repeat(200);

describe('provider anthropic', () => {
  it('knows the exact input of an answer that broke off', async () => {
    const server = await startAnthropicServer({
      script: inOrder({ text: LONG_TEXT, fault: { kind: 'reset', when: 'mid-body' } }),
    });
    const call = {
      model: findModel('anthropic/claude-haiku-4-5'),
      request: {
        system: 'Be short.',
        messages: [{ role: 'user' as const, content: 'Say hello.' }],
        maxOutputTokens: 4_000,
      },
      env: readEnvironment({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url }, '/tmp'),
      timeoutMs: 30_000,
      signal: new AbortController().signal,
    };

    const report = await anthropic.call(call);
    const counted = await anthropic.countTokens?.(call);
    await server.close();

    expect(report.usage).toBeNull();
    expect(report.input?.input).toBe(counted);
  });

  it('places at most four cache markers: the first and the last ones', async () => {
    const server = await startAnthropicServer({ script: inOrder({ text: 'ok' }) });
    const messages = Array.from({ length: 13 }, (_, index) => ({
      role: index % 2 ? ('assistant' as const) : ('user' as const),
      content: `part ${index}`,
      cacheable: index % 2 === 0,
    }));

    const report = await anthropic.call({
      model: findModel('anthropic/claude-haiku-4-5'),
      request: { system: 'Be short.', messages, maxOutputTokens: 100 },
      env: readEnvironment({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url }, '/tmp'),
      timeoutMs: 30_000,
      signal: new AbortController().signal,
    });
    await server.close();

    expect(report.result).toBe('success');
    const sent = (server.generations[0] as unknown as { body: { messages: { content: unknown }[] } }).body.messages;
    expect(sent.flatMap(({ content }, index) => (typeof content === 'string' ? [] : [index]))).toEqual([0, 8, 10, 12]);
  });
});
