import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { openBullmqTransport } from '@orchestrator/shared/queue/bullmq-transport.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { redisInstalled, startRedisServer } from '@orchestrator/testkit/redis-server.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { publishDue } from '../relay/publish-due.ts';
import { createHttpServer } from './http-server.ts';

const TOKEN = 'a-token-of-the-tests-0123456789';
let opened: TestDatabase;
let transport: Transport;
beforeAll(async () => {
  opened = await testDatabase();
  transport = await openBullmqTransport({ redisUrl: undefined, databaseUrl: opened.url, log: sink().log });
});
afterAll(async () => {
  await transport.close();
  await opened.close();
});

function serverFor(settings: Record<string, string>) {
  const { log, lines } = sink();
  const env = readEnvironment({ ORCHESTRATOR_API_ADDRESS: '127.0.0.1:0', ...settings }, '/');
  return { server: createHttpServer({ env, log, db: opened.database, transport }), lines };
}

async function started(settings: Record<string, string> = { ORCHESTRATOR_API_TOKEN: TOKEN }) {
  const { server, lines } = serverFor(settings);
  await server.start();
  onTestFinished(() => server.stop());
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url()}${path}`, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } });
  return { url: server.url(), lines, ask };
}

const basic = (password: string) => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`;

describe('listening', () => {
  it('is refused where other machines could come without a token', async () => {
    const { server } = serverFor({ ORCHESTRATOR_API_ADDRESS: '0.0.0.0:0' });
    await expect(server.start()).rejects.toMatchObject({
      code: 'API_TOKEN_MISSING',
      message: expect.stringContaining('0.0.0.0:0'),
      next: expect.stringContaining('ORCHESTRATOR_API_TOKEN_FILE'),
    });
  });

  it('names the port that is taken and the setting that chooses another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { server } = serverFor({ ORCHESTRATOR_API_ADDRESS: `127.0.0.1:${port}` });
    await expect(server.start()).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${port} on 127.0.0.1 is taken.`,
      next: expect.stringContaining('ORCHESTRATOR_API_ADDRESS'),
    });
  });
});

describe('authentication', () => {
  it('guards the API, the dashboard, its files and paths that do not exist', async () => {
    const { url } = await started();
    for (const path of ['/', '/api/runs', '/queues', '/queues/api/queues', '/queues/static/js/x.js', '/nothing'])
      for (const authorization of ['', 'Bearer wrong', basic('wrong'), `Bearer ${TOKEN}x`, `Digest ${TOKEN}`]) {
        const answer = await fetch(`${url}${path}`, { headers: authorization ? { authorization } : {} });
        expect([path, authorization, answer.status]).toEqual([path, authorization, 401]);
        expect(answer.headers.get('www-authenticate')).toContain('Basic');
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
  });

  it('takes the token as a bearer, and as the password of a browser', async () => {
    const { url } = await started();
    for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(TOKEN)])
      expect((await fetch(`${url}/api/runs`, { headers: { authorization } })).status).toBe(200);
  });

  it('does not write for pages of other sites, whatever credentials the browser sends along', async () => {
    const { url, ask } = await started();
    const tick = (headers: Record<string, string>) => ask('/api/tasks/none/retry', { method: 'POST', headers });
    expect((await tick({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await tick({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await tick({ origin: 'null' })).status).toBe(403);
    expect((await tick({ origin: url, 'sec-fetch-site': 'same-origin' })).status).toBe(400);
  });
});

describe('answers', () => {
  it('carry the request id of the caller, or a new one, and the log has it too', async () => {
    const { ask, lines } = await started();
    expect((await ask('/api/runs', { headers: { 'x-request-id': 'mine-1' } })).headers.get('x-request-id')).toBe(
      'mine-1',
    );
    const odd = await ask('/api/runs', { headers: { 'x-request-id': 'two words' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(lines).toContainEqual(expect.objectContaining({ requestId: 'mine-1', path: '/api/runs', status: 200 }));
    expect(JSON.stringify(lines)).not.toContain(TOKEN);
  });

  it('say as problem+json what is wrong, where, and what to do', async () => {
    const { ask } = await started();
    const invalid = await ask('/api/runs?limit=0&state=odd', { headers: { 'x-request-id': 'r1' } });
    expect(invalid.status).toBe(400);
    expect(await invalid.json()).toMatchObject({
      title: 'API_REQUEST_INVALID',
      status: 400,
      requestId: 'r1',
      errors: [{ field: 'querystring.state' }, { field: 'querystring.limit' }],
    });
    const unknown = await ask('/api/runs/00000000-0000-4000-8000-000000000000');
    expect(await unknown.json()).toMatchObject({
      title: 'RUN_UNKNOWN',
      status: 404,
      next: expect.stringContaining('/api/runs'),
    });
    expect(await (await ask('/api/nothing')).json()).toMatchObject({ title: 'API_NOT_FOUND', status: 404 });
  });

  it('refuse bodies that are too large, not JSON, or of another kind', async () => {
    const { ask } = await started();
    const post = (body: string, type = 'application/json') =>
      ask('/api/repositories', { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post(JSON.stringify({ repository: 'x'.repeat(70_000) }))).status).toBe(413);
    expect((await post('{')).status).toBe(400);
    expect((await post('repository=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post('{}')).status).toBe(400);
  });

  it('carry headers that keep browsers from guessing, framing and remembering', async () => {
    const { ask } = await started();
    for (const path of ['/api/runs', '/queues', '/nothing']) {
      const { headers } = await ask(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('without a token', () => {
  it('serves this machine, but no name that a page elsewhere made point here', async () => {
    const { url } = await started({});
    expect((await fetch(`${url}/api/runs`)).status).toBe(200);
    const { hostname, port } = new URL(url);
    const status = await new Promise((resolve) => {
      import('node:http').then(({ get }) =>
        get({ hostname, port, path: '/api/runs', headers: { host: `rebound.example:${port}` } }, (response) =>
          resolve(response.statusCode),
        ),
      );
    });
    expect(status).toBe(403);
  });
});

describe('the queue dashboard', () => {
  it('shows the messages of the queues', async () => {
    const { ask } = await started();
    const { stageRunId } = await seedRun(opened.database, { stage: 'code' });
    const client = new pg.Client({ connectionString: opened.url });
    await client.connect();
    await publishDue(client, transport);
    await client.end();
    const page = await ask('/queues');
    expect(page.headers.get('content-type')).toContain('text/html');
    const text = await page.text();
    expect(text).toContain('AI Orchestrator');
    const script = /src="(static\/js\/main[^"]+)"/.exec(text)?.[1];
    expect((await ask(`/queues/${script}`)).status).toBe(200);
    const data = await (await ask('/queues/api/queues?activeQueue=coder&status=latest&page=1&jobsPerPage=10')).json();
    expect(data.queues.map(({ name }: { name: string }) => name)).toEqual([
      'analyzer',
      'coder',
      'validator',
      'notifier',
    ]);
    const coder = data.queues.find(({ name }: { name: string }) => name === 'coder');
    expect(coder).toMatchObject({ readOnlyMode: true, counts: { waiting: 1 } });
    expect(coder.jobs[0]).toMatchObject({ id: `${stageRunId}-g1` });
  });

  it('changes nothing', async () => {
    const { ask } = await started();
    for (const [method, path] of [
      ['PUT', '/queues/api/queues/coder/pause'],
      ['PUT', '/queues/api/queues/coder/empty'],
      ['PUT', '/queues/api/queues/coder/obliterate'],
      ['POST', '/queues/api/queues/coder/add'],
      ['PUT', '/queues/api/queues/pause'],
    ] as const) {
      const answer = await ask(path, { method, body: '{}', headers: { 'content-type': 'application/json' } });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});

it.skipIf(!redisInstalled())(
  'the dashboard says that the queue is down instead of waiting for it; the API works',
  async () => {
    const redis = await startRedisServer();
    onTestFinished(redis.close);
    const { log } = sink();
    const onRedis = await openBullmqTransport({ redisUrl: redis.url, databaseUrl: '', log });
    onTestFinished(() => onRedis.close());
    const env = readEnvironment({ ORCHESTRATOR_API_ADDRESS: '127.0.0.1:0', ORCHESTRATOR_API_TOKEN: TOKEN }, '/');
    const server = createHttpServer({ env, log, db: opened.database, transport: onRedis });
    await server.start();
    onTestFinished(() => server.stop());
    const ask = (path: string) =>
      fetch(`${server.url()}${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
        signal: AbortSignal.timeout(20_000),
      });
    expect((await ask('/queues/api/queues')).status).toBe(200);
    await redis.stop();
    await sleep(500);
    const down = await ask('/queues/api/queues');
    expect([down.status, await down.json()]).toMatchObject([503, { title: 'QUEUE_UNAVAILABLE' }]);
    expect((await ask('/api/queues')).status).toBe(200);
    await redis.start();
    await vi.waitFor(async () => expect((await ask('/queues/api/queues')).status).toBe(200), 20_000);
  },
);
