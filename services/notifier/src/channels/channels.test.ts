import { createServer } from 'node:net';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { EVENT_TYPES } from '@orchestrator/shared/contracts/events.ts';
import { startDiscordServer } from '@orchestrator/testkit/discord/server.ts';
import { startMailServer } from '@orchestrator/testkit/mail/server.ts';
import { startSlackServer } from '@orchestrator/testkit/slack/server.ts';
import { startWebhookReceiver } from '@orchestrator/testkit/webhook/receiver.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sendingOf } from '../../test/event-rows.ts';
import type { Notice } from '../channel.ts';
import { loadChannels } from '../load-channels.ts';
import { sendTest } from '../send-test.ts';

const signal = new AbortController().signal;
const channels = await loadChannels();
const environment = (values: Record<string, string> = {}) => readEnvironment(values, '/');
const noticeOf = (type: Notice['type'], over: Partial<Notice> = {}): Notice => ({
  eventId: 7n,
  type,
  at: new Date(),
  data: {},
  repository: null,
  run: null,
  ...over,
});

/** Environment variables with the address of each channel's other end, and how many messages that has taken. */
const ENDS: Readonly<
  Record<string, () => Promise<{ env: Record<string, string>; taken: () => number; close: () => Promise<void> }>>
> = {
  async discord() {
    const { webhookUrl, messages, close } = await startDiscordServer();
    return { env: { DISCORD_WEBHOOK_URL: webhookUrl }, taken: () => messages.length, close };
  },
  async slack() {
    const { webhookUrl, messages, close } = await startSlackServer();
    return { env: { SLACK_WEBHOOK_URL: webhookUrl }, taken: () => messages.length, close };
  },
  async webhook() {
    const { webhookUrl, taken, close } = await startWebhookReceiver();
    return { env: { NOTIFY_WEBHOOK_URL: webhookUrl }, taken: () => taken.length, close };
  },
  async email() {
    const { url, mails, close } = await startMailServer();
    return { env: { SMTP_URL: url, NOTIFY_EMAIL_TO: 'ada@example.com' }, taken: () => mails.length, close };
  },
};

const endOf = async (id: string) => {
  const end = await (ENDS[id] as (typeof ENDS)[string])();
  onTestFinished(end.close);
  return end;
};

describe.each(channels)('the channel $id', (channel) => {
  test('is silent without an address', () => {
    expect(channel.configured(environment())).toBe(false);
  });

  test('takes every type of event, and a test message', async () => {
    const { env, taken } = await endOf(channel.id);
    for (const type of EVENT_TYPES)
      expect(await channel.send(sendingOf(noticeOf(type), environment(env)))).toMatchObject({ kind: 'sent' });
    expect(await channel.sendTest(environment(env), signal)).toMatchObject({ kind: 'sent' });
    expect(taken()).toBe(EVENT_TYPES.length + 1);
  });

  test('takes texts of others that are long, or mean something to it', async () => {
    const { env, taken } = await endOf(channel.id);
    const hostile = '<!channel> @everyone [x](https://evil.example) *b*\r\nBcc: all@example.com\u202e '.repeat(400);
    const run = { id: 'r', taskKey: 't', title: hostile, round: 1, costNanoUsd: 1n, url: null };
    const data = {
      message: hostile,
      code: hostile,
      summary: hostile,
      files: Array(500).fill(hostile),
      first: { message: hostile },
    };
    const repository = { name: hostile, url: '/srv' };
    for (const type of EVENT_TYPES)
      expect(await channel.send(sendingOf(noticeOf(type, { run, data, repository }), environment(env)))).toMatchObject({
        kind: 'sent',
      });
    expect(taken()).toBe(EVENT_TYPES.length);
  });

  test('answers with a reason without its address when nobody is there', async () => {
    const { env, close } = await endOf(channel.id);
    await close();
    const result = await channel.send(sendingOf(noticeOf('run.started'), environment(env)));
    expect(result).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/ECONNREFUSED|ESOCKET|ECONNECTION/) });
    for (const value of Object.values(env)) expect(JSON.stringify(result)).not.toContain(value);
  });

  test('gives up on one that never answers', async () => {
    const sockets = new Set<import('node:net').Socket>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const { env } = await endOf(channel.id);
    const there = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)]),
    );
    expect(await channel.send(sendingOf(noticeOf('run.started'), environment(there)))).toMatchObject({
      kind: 'failed',
    });
  }, 40_000);
});

test('every channel has its other end here', () => {
  expect(Object.keys(ENDS).sort()).toEqual(channels.map(({ id }) => id).sort());
});

test('the test message says which channels work', async () => {
  expect((await sendTest(environment())).map(({ result }) => result)).toEqual(channels.map(() => 'silent'));
  const slack = await startSlackServer();
  onTestFinished(slack.close);
  const env = environment({ SLACK_WEBHOOK_URL: slack.webhookUrl });
  expect(await sendTest(env)).toContainEqual({ channel: 'slack', result: 'sent', reason: null });
  slack.deleteWebhook();
  expect(await sendTest(env)).toContainEqual({
    channel: 'slack',
    result: 'failed',
    reason: 'Slack answered 404: no_service',
  });
});
