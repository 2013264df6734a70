import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { EVENT_TYPES } from '@orchestrator/shared/contracts/events.ts';
import { type DiscordServer, startDiscordServer } from '@orchestrator/testkit/discord/server.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notice } from '../channel.ts';
import { loadChannels } from '../load-channels.ts';
import { sendTest } from '../send-test.ts';

const signal = new AbortController().signal;
const channels = await loadChannels();
let discord: DiscordServer;

beforeEach(async () => {
  discord = await startDiscordServer();
});
afterEach(() => discord.close());

const environment = (values: Record<string, string> = {}) => readEnvironment(values, '/');
const noticeOf = (type: Notice['type']): Notice => ({
  eventId: 1n,
  type,
  at: new Date(),
  data: {},
  repository: null,
  run: null,
});

describe.each(channels)('the channel $id', (channel) => {
  test('is silent without an address', () => {
    expect(channel.configured(environment())).toBe(false);
  });

  test('takes every type of event', async () => {
    const env = environment({ DISCORD_WEBHOOK_URL: discord.webhookUrl });
    for (const type of EVENT_TYPES)
      expect(await channel.send(noticeOf(type), env, signal)).toMatchObject({ kind: 'sent' });
  });

  test('answers with a reason without its address when nobody is there', async () => {
    const env = environment({ DISCORD_WEBHOOK_URL: discord.webhookUrl });
    await discord.close();
    const result = await channel.send(noticeOf('run.started'), env, signal);
    expect(result).toEqual({ kind: 'failed', reason: 'Discord did not answer: ECONNREFUSED' });
  });
});

test('nobody is mentioned, and the answer is waited for', async () => {
  await sendTest(environment({ DISCORD_WEBHOOK_URL: `${discord.webhookUrl}?thread_id=7` }));
  expect(discord.requests[0]).toMatchObject({ query: { thread_id: '7', wait: 'true' } });
  expect(discord.messages[0]?.allowed_mentions).toEqual({ parse: [] });
});

test('the test message says which channels work', async () => {
  expect(await sendTest(environment())).toEqual([{ channel: 'discord', result: 'silent', reason: null }]);
  const env = environment({ DISCORD_WEBHOOK_URL: discord.webhookUrl });
  expect(await sendTest(env)).toEqual([{ channel: 'discord', result: 'sent', reason: null }]);
  discord.deleteWebhook();
  expect(await sendTest(env)).toEqual([
    { channel: 'discord', result: 'failed', reason: 'Discord answered 404: Unknown Webhook (10015)' },
  ]);
});

test('a redirect is not followed: the message goes to the configured address only', async () => {
  const other = await startDiscordServer();
  discord.faults.next([{ kind: 'status', status: 307, headers: { location: other.webhookUrl } }]);
  expect(await sendTest(environment({ DISCORD_WEBHOOK_URL: discord.webhookUrl }))).toMatchObject([
    { result: 'failed' },
  ]);
  expect(other.requests).toHaveLength(0);
  await other.close();
});

test('a rate limit without a body is read from its header', async () => {
  const env = environment({ DISCORD_WEBHOOK_URL: discord.webhookUrl });
  discord.faults.next([{ kind: 'status', status: 429, headers: { 'retry-after': '3' }, body: 'error code: 1015' }]);
  expect(await channels[0]?.send(noticeOf('run.started'), env, signal)).toEqual({
    kind: 'limited',
    waitMs: 3_000,
    reason: 'Discord asks to wait 3000 ms',
  });
});
