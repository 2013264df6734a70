import { describe, expect, it } from 'vitest';
import { startDiscordServer } from './server.ts';

const x = (count: number): string => 'x'.repeat(count);
const embed = (value: object) => ({ embeds: [value] });

/** Discord's documented limits, each at its edge: what is within, and what is one beyond. */
const LIMITS: readonly (readonly [what: string, within: object, beyond: object])[] = [
  ['content', { content: x(2_000) }, { content: x(2_001) }],
  ['embeds', { embeds: Array(10).fill({ title: 'x' }) }, { embeds: Array(11).fill({ title: 'x' }) }],
  ['title', embed({ title: x(256) }), embed({ title: x(257) })],
  ['description', embed({ description: x(4_096) }), embed({ description: x(4_097) })],
  [
    'fields',
    embed({ fields: Array(25).fill({ name: 'a', value: 'b' }) }),
    embed({ fields: Array(26).fill({ name: 'a', value: 'b' }) }),
  ],
  ['field name', embed({ fields: [{ name: x(256), value: 'b' }] }), embed({ fields: [{ name: x(257), value: 'b' }] })],
  [
    'field value',
    embed({ fields: [{ name: 'a', value: x(1_024) }] }),
    embed({ fields: [{ name: 'a', value: x(1_025) }] }),
  ],
  ['empty field', embed({ fields: [{ name: 'a', value: 'b' }] }), embed({ fields: [{ name: 'a', value: '' }] })],
  ['footer', embed({ footer: { text: x(2_048) } }), embed({ footer: { text: x(2_049) } })],
  ['author', embed({ author: { name: x(256) } }), embed({ author: { name: x(257) } })],
  [
    'total of all embeds',
    { embeds: [{ description: x(4_000) }, { title: x(200), footer: { text: x(1_800) } }] },
    { embeds: [{ description: x(4_000) }, { title: x(200), footer: { text: x(1_801) } }] },
  ],
  ['colour', embed({ title: 'x', color: 0xffffff }), embed({ title: 'x', color: 0x1000000 })],
  ['timestamp', embed({ title: 'x', timestamp: '2026-03-01T12:00:00Z' }), embed({ title: 'x', timestamp: 'noon' })],
  ['address', embed({ title: 'x', url: 'https://example.com' }), embed({ title: 'x', url: 'javascript:alert(1)' })],
  ['username', { content: 'x', username: x(80) }, { content: 'x', username: x(81) }],
  ['forbidden username', { content: 'x', username: 'Dispatcher' }, { content: 'x', username: 'A Discord bot' }],
  ['something to say', { content: 'x' }, { content: '', embeds: [{}] }],
  [
    'mentioned roles',
    { content: 'x', allowed_mentions: { parse: [], roles: Array(100).fill('1') } },
    { content: 'x', allowed_mentions: { parse: [], roles: Array(101).fill('1') } },
  ],
  [
    'parsed and named mentions',
    { content: 'x', allowed_mentions: { parse: ['roles'], users: ['1'] } },
    { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
  ],
  [
    'kind of mention',
    { content: 'x', allowed_mentions: { parse: [] } },
    { content: 'x', allowed_mentions: { parse: ['all'] } },
  ],
  ['known keys', { content: 'x', tts: false }, { content: 'x', text: 'x' }],
];

describe.each(['POST', 'PATCH'] as const)('on each %s the Discord server', (method) => {
  it.each(LIMITS)('holds the limit of: %s', async (what, within, beyond) => {
    // Of a message that exists, the sender can no longer be changed.
    if (method === 'PATCH' && ['username', 'forbidden username', 'known keys'].includes(what)) return;
    await using server = await opened();
    const send = (body: object) => server.send(method, body);
    expect(await send(within)).toMatchObject({ status: 200 });
    expect(await send(beyond)).toMatchObject({ status: 400, body: { code: expect.any(Number) } });
  });
});

describe('threads', () => {
  it('have names of at most 100 characters, in forums only', async () => {
    await using forum = await opened('forum');
    expect(await forum.send('POST', { content: 'x', thread_name: x(101) })).toMatchObject({ status: 400 });
    const begun = await forum.send('POST', { content: 'x', thread_name: x(100) });
    expect(begun.status).toBe(200);
    expect(await forum.send('POST', { content: 'x' })).toMatchObject({ status: 400, body: { code: 220001 } });
    const thread = `&thread_id=${begun.body.channel_id}`;
    expect(await forum.send('POST', { content: 'y' }, thread)).toMatchObject({ status: 200 });
    expect(await forum.send('POST', { content: 'y' }, '&thread_id=1')).toMatchObject({
      status: 404,
      body: { code: 10003 },
    });
    await using text = await opened();
    expect(await text.send('POST', { content: 'x', thread_name: 'x' })).toMatchObject({ body: { code: 220003 } });
  });
});

async function opened(channel: 'text' | 'forum' = 'text') {
  const server = await startDiscordServer({ channel });
  const made = channel === 'text' ? await call('POST', '?wait=true', { content: 'first' }) : null;
  async function call(method: 'POST' | 'PATCH', path: string, body: object) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(server.webhookUrl + path, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as { id: string; channel_id: string; code?: number } };
  }
  return {
    send: (method: 'POST' | 'PATCH', body: object, query = '') =>
      call(method, method === 'POST' ? `?wait=true${query}` : `/messages/${made?.body.id}?x=1${query}`, body),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
