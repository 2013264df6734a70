import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { type DiscordServer, startDiscordServer } from '@orchestrator/testkit/discord/server.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import discordChannel from './discord.ts';

const signal = new AbortController().signal;
let discord: DiscordServer;
beforeEach(async () => {
  discord = await startDiscordServer({ threads: ['7'] });
});
afterEach(() => discord.close());

const environment = (url: string) => readEnvironment({ DISCORD_WEBHOOK_URL: url }, '/');

test('nobody is mentioned, and the answer is waited for', async () => {
  await discordChannel.sendTest(environment(`${discord.webhookUrl}?thread_id=7`), signal);
  expect(discord.requests[0]).toMatchObject({ query: { thread_id: '7', wait: 'true' } });
  expect(discord.messages[0]?.allowed_mentions).toEqual({ parse: [] });
});

test('a webhook that is gone is refused in Discord’s own words', async () => {
  discord.deleteWebhook();
  expect(await discordChannel.sendTest(environment(discord.webhookUrl), signal)).toEqual({
    kind: 'refused',
    reason: 'Discord answered 404: Unknown Webhook (10015)',
  });
});

test('a redirect is not followed: the message goes to the configured address only', async () => {
  const other = await startDiscordServer();
  discord.faults.next([{ kind: 'status', status: 307, headers: { location: other.webhookUrl } }]);
  expect(await discordChannel.sendTest(environment(discord.webhookUrl), signal)).toMatchObject({ kind: 'failed' });
  expect(other.requests).toHaveLength(0);
  await other.close();
});

test('a rate limit without a body is read from its header', async () => {
  discord.faults.next([{ kind: 'status', status: 429, headers: { 'retry-after': '3' }, body: 'error code: 1015' }]);
  expect(await discordChannel.sendTest(environment(discord.webhookUrl), signal)).toEqual({
    kind: 'limited',
    waitMs: 3_000,
    reason: 'Discord asks to wait 3000 ms',
  });
});
