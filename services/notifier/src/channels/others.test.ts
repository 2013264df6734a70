import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { startMailServer } from '@orchestrator/testkit/mail/server.ts';
import { startSlackServer } from '@orchestrator/testkit/slack/server.ts';
import { startWebhookReceiver } from '@orchestrator/testkit/webhook/receiver.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sendingOf } from '../../test/event-rows.ts';
import type { Notice } from '../channel.ts';
import email from './email.ts';
import slack from './slack.ts';
import webhook from './webhook.ts';

const notice: Notice = {
  eventId: 7n,
  type: 'run.published',
  at: new Date('2026-03-01T12:00:00Z'),
  data: {
    branch: 'ai/task_1',
    files: 2,
    addedLines: 40,
    deletedLines: 3,
    url: 'https://github.com/acme/widgets/pull/1',
  },
  repository: { name: 'app', url: '/srv/app' },
  run: {
    id: 'run-1',
    taskKey: 'task_1',
    title: 'Add <!here> a *cache*',
    round: 2,
    costNanoUsd: 123_456_789n,
    url: null,
  },
};

describe('Slack', () => {
  test('gets title, link, fields and a colour, and nobody is called', async () => {
    const server = await startSlackServer();
    onTestFinished(server.close);
    expect(await slack.send(sendingOf(notice, readEnvironment({ SLACK_WEBHOOK_URL: server.webhookUrl }, '/')))).toEqual(
      {
        kind: 'sent',
        pauseMs: 0,
      },
    );
    const text = JSON.stringify(server.messages[0]);
    expect(text).toContain('<https://github.com/acme/widgets/pull/1|Published: Add &lt;!here&gt;');
    expect(text).not.toContain('<!here>');
    expect(text).toContain('*Branch*\\n`ai/task_1`');
    expect(server.messages[0]?.attachments?.[0]?.color).toBe('#2ecc71');
  });

  test('is waited for as long as it asks', async () => {
    const server = await startSlackServer();
    onTestFinished(server.close);
    server.faults.next([{ kind: 'status', status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' }]);
    expect(
      await slack.send(sendingOf(notice, readEnvironment({ SLACK_WEBHOOK_URL: server.webhookUrl }, '/'))),
    ).toMatchObject({
      kind: 'limited',
      waitMs: 30_000,
    });
  });
});

describe('a signed webhook', () => {
  test('is taken by who knows the secret, and tells which event it is', async () => {
    const receiver = await startWebhookReceiver('the-secret-of-the-receiver');
    onTestFinished(receiver.close);
    const env = { NOTIFY_WEBHOOK_URL: receiver.webhookUrl, NOTIFY_WEBHOOK_SECRET: 'the-secret-of-the-receiver' };
    expect(await webhook.send(sendingOf(notice, readEnvironment(env, '/')))).toMatchObject({ kind: 'sent' });
    expect(receiver.taken).toMatchObject([{ id: '7', type: 'run.published', run: { costNanoUsd: '123456789' } }]);
    expect(receiver.requests[0]?.headers).toMatchObject({
      'x-orchestrator-event': 'run.published',
      'x-orchestrator-delivery': '7',
    });
    const wrong = { ...env, NOTIFY_WEBHOOK_SECRET: 'another-secret-than-theirs' };
    expect(await webhook.send(sendingOf(notice, readEnvironment(wrong, '/')))).toEqual({
      kind: 'refused',
      reason: 'The webhook answered 401',
    });
  });
});

describe('e-mail', () => {
  test('has one subject line, the facts, and a message id that a repetition shares', async () => {
    const server = await startMailServer();
    onTestFinished(server.close);
    const env = readEnvironment({ SMTP_URL: server.url, NOTIFY_EMAIL_TO: 'ada@example.com' }, '/');
    const run = { ...(notice.run as NonNullable<Notice['run']>), title: 'Add a cache\r\nBcc: all@example.com' };
    expect(await email.send(sendingOf({ ...notice, run }, env))).toMatchObject({ kind: 'sent' });
    const [mail] = server.mails;
    expect(mail?.to).toEqual(['ada@example.com']);
    expect(mail?.raw).toContain('Subject: [ai-orchestrator] Published: Add a cache Bcc: all@example.com');
    expect(mail?.raw).not.toMatch(/^Bcc:/m);
    expect(mail?.raw).toContain('Branch: ai/task_1');
    expect(mail?.raw).toContain('Message-ID: <event-7@ai-orchestrator.invalid>');
  });

  test.each([
    [451, 'failed'],
    [554, 'refused'],
  ] as const)('%i from the server means %s', async (code, kind) => {
    const server = await startMailServer();
    onTestFinished(server.close);
    server.refuseNext(code);
    const env = readEnvironment({ SMTP_URL: server.url, NOTIFY_EMAIL_TO: 'ada@example.com' }, '/');
    expect(await email.send(sendingOf(notice, env))).toMatchObject({
      kind,
      reason: expect.stringContaining(String(code)),
    });
  });

  test('a wrong password is refused, and stands in no reason', async () => {
    const server = await startMailServer();
    onTestFinished(server.close);
    const url = server.url.replace('mail-password-of-tests', 'wrong-password-of-tests');
    const result = await email.send(
      sendingOf(notice, readEnvironment({ SMTP_URL: url, NOTIFY_EMAIL_TO: 'ada@example.com' }, '/')),
    );
    expect(result).toMatchObject({ kind: 'refused' });
    expect(JSON.stringify(result)).not.toContain('wrong-password');
  });
});
