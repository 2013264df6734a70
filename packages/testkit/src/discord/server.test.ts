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

  it.each([
    ['content', { content: 'x'.repeat(2_001) }, 50035],
    ['title', { embeds: [{ title: 'x'.repeat(257) }] }, 50035],
    ['description', { embeds: [{ description: 'x'.repeat(4_097) }] }, 50035],
    ['number of embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, 50035],
    [
      'number of fields',
      { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'a', value: 'b' })) }] },
      50035,
    ],
    ['empty field', { embeds: [{ fields: [{ name: 'a', value: '' }] }] }, 50035],
    ['sum of all embeds', { embeds: [{ description: 'x'.repeat(4_000) }, { description: 'x'.repeat(2_001) }] }, 50035],
    ['link', { embeds: [{ title: 'x', url: 'javascript:alert(1)' }] }, 50035],
    ['nothing at all', {}, 50006],
  ])('refuses a message beyond the limits: %s', async (_what, body, code) => {
    const { server, post } = await start();

    const response = await post(body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
    expect(server.messages).toHaveLength(0);
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
