import { afterEach, describe, expect, it } from 'vitest';
import { type DiscordServer, type DiscordServerOptions, startDiscordServer } from './server.ts';

let server: DiscordServer | undefined;
afterEach(() => server?.close());

async function start(options: DiscordServerOptions = {}) {
  server = await startDiscordServer(options);
  const { webhookUrl } = server;
  const post = (body: object, query = '') =>
    fetch(webhookUrl + query, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { server, post };
}

describe('the Discord server', () => {
  it('takes a message with 204, or returns it when asked to wait', async () => {
    const { server, post } = await start();

    expect((await post({ content: 'Hello' })).status).toBe(204);
    expect(await (await post({ embeds: [{ title: 'Passed' }] }, '?wait=true')).json()).toMatchObject({
      id: '2',
      embeds: [{ title: 'Passed' }],
    });
    expect(server.messages).toEqual([{ content: 'Hello' }, { embeds: [{ title: 'Passed' }] }]);
  });

  it('counts characters, not UTF-16 units', async () => {
    const { post } = await start();

    expect((await post({ embeds: [{ title: '🚀'.repeat(256) }] })).status).toBe(204);
  });

  it('limits the rate, and says how long to wait in body and headers', async () => {
    const { server, post } = await start({ rateLimit: { requests: 2, windowMs: 60_000 } });
    await post({ content: '1' });
    await post({ content: '2' });

    const response = await post({ content: '3' });

    expect(response.status).toBe(429);
    const { retry_after } = (await response.json()) as { retry_after: number };
    expect(retry_after).toBeGreaterThan(50);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(retry_after);
    expect(server.messages).toHaveLength(2);
  });

  it('says with each answer what is left of the limit', async () => {
    const { post } = await start({ rateLimit: { requests: 2, windowMs: 60_000 } });
    const headers = async () => Object.fromEntries((await post({ content: 'x' })).headers);
    expect(await headers()).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
    const last = await headers();
    expect(last).toMatchObject({ 'x-ratelimit-remaining': '0', 'x-ratelimit-bucket': 'webhook' });
    expect(Number(last['x-ratelimit-reset-after'])).toBeGreaterThan(50);
    expect(await headers()).toMatchObject({ 'x-ratelimit-scope': 'user' });
  });

  it('has a limit over all as well, which it calls global', async () => {
    const { post } = await start({ globalLimit: { requests: 1, windowMs: 60_000 } });
    await post({ content: 'x' });
    const answer = await post({ content: 'x' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-ratelimit-global': 'true',
      'x-ratelimit-scope': 'global',
    });
    expect(await answer.json()).toMatchObject({ global: true });
  });

  it('edits messages in place, and does not know one that was deleted', async () => {
    const { server, post } = await start();
    await post({ content: 'before' }, '?wait=true');
    const edit = (content: string) =>
      fetch(`${server.webhookUrl}/messages/1`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content }),
      });
    expect((await edit('after')).status).toBe(200);
    expect(server.posted).toMatchObject([{ id: '1', content: 'after' }]);
    server.delete('1');
    expect(await (await edit('again')).json()).toMatchObject({ code: 10008 });
  });

  it('does not know a deleted webhook or a wrong token', async () => {
    const { server, post } = await start();
    expect((await fetch(`${server.webhookUrl}x`)).status).toBe(404);
    expect((await fetch(server.webhookUrl)).status).toBe(200);

    server.deleteWebhook();

    expect(await (await post({ content: 'x' })).json()).toMatchObject({ code: 10015 });
  });

  it('gives the faults that a test asks for, and can lose the answer to a message that it took', async () => {
    const { server, post } = await start();
    server.faults.next([{ kind: 'status', status: 500 }, { kind: 'reset' }, { kind: 'lost-answer' }]);

    expect((await post({ content: '1' })).status).toBe(500);
    await expect(post({ content: '2' })).rejects.toThrow();
    await expect(post({ content: '3' })).rejects.toThrow();

    expect(server.messages).toEqual([{ content: '3' }]);
  });
});
