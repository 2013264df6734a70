import { createHmac, randomUUID } from 'node:crypto';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../app.ts';

const SECRET = 'a-webhook-secret-of-the-tests';
let database: TestDatabase;
let app: Awaited<ReturnType<typeof buildApp>>;
let repositoryId: string;

const down = (): never => {
  throw new AppError('QUEUE_UNAVAILABLE', { reason: 'down' });
};
beforeAll(async () => {
  database = await testDatabase();
  app = await buildApp({
    db: database.database,
    log: sink().log,
    transport: { inspect: down, hasMark: down },
    token: 'a-token-of-the-tests-0123456789',
    webhooks: { secret: SECRET, apiUrl: 'https://api.github.com' },
  });
  const url = 'https://github.com/Acme/widgets.git';
  repositoryId = (await database.database.repository.create({ data: { url, name: 'widgets' } })).id;
});
afterAll(async () => {
  await app.close();
  await database.close();
});
beforeEach(() => database.database.webhookEvent.deleteMany());

const stored = () => database.database.webhookEvent.findMany();

async function send(
  body: string,
  { event = 'issue_comment', delivery = randomUUID() as string, secret = SECRET, headers = {} } = {},
) {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const answer = await app.inject({
    method: 'POST',
    url: '/webhooks/github',
    payload: body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-hub-signature-256': signature,
      ...headers,
    },
  });
  return { status: answer.statusCode, body: answer.json() };
}
const about = (name: string) => JSON.stringify({ action: 'created', repository: { full_name: name } });

describe('a webhook', () => {
  it('is stored for the repository that it names, whatever the case of the name', async () => {
    expect(await send(about('acme/Widgets'))).toEqual({ status: 202, body: { taken: true } });
    expect(await stored()).toMatchObject([{ repositoryId, event: 'issue_comment', handledAt: null }]);
  });

  it('that comes again does nothing', async () => {
    const delivery = randomUUID();
    await send(about('acme/widgets'), { delivery });
    await database.database.webhookEvent.updateMany({ data: { handledAt: new Date() } });
    expect((await send(about('acme/widgets'), { delivery })).status).toBe(202);
    expect(await stored()).toMatchObject([{ handledAt: expect.any(Date) }]);
  });

  it('of other repositories and other events is answered and forgotten', async () => {
    expect((await send(about('acme/other'))).body).toEqual({ taken: false });
    expect((await send(about('acme/widgets'), { event: 'star' })).body).toEqual({ taken: false });
    expect((await send('{}', { event: 'ping' })).body).toEqual({ taken: false });
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['a wrong secret', { secret: 'another' }],
    ['no signature', { headers: { 'x-hub-signature-256': '' } }],
    ['half a signature', { headers: { 'x-hub-signature-256': 'sha256=00' } }],
  ])('with %s is refused', async (_, options) => {
    expect(await send(about('acme/widgets'), options)).toMatchObject({
      status: 401,
      body: { title: 'API_UNAUTHORIZED' },
    });
    expect(await stored()).toEqual([]);
  });

  it('whose body was changed on the way is refused', async () => {
    const signature = `sha256=${createHmac('sha256', SECRET).update(about('acme/other')).digest('hex')}`;
    expect((await send(about('acme/widgets'), { headers: { 'x-hub-signature-256': signature } })).status).toBe(401);
  });

  it('without its headers, without JSON, or too large is refused with the reason', async () => {
    expect((await send(about('acme/widgets'), { headers: { 'x-github-delivery': '' } })).status).toBe(400);
    expect((await send('not json')).status).toBe(400);
    expect((await send(`"${'x'.repeat(6 * 1024 * 1024)}"`)).status).toBe(413);
    expect(await stored()).toEqual([]);
  });

  it('opens nothing else: the API still wants its token', async () => {
    expect((await app.inject({ method: 'GET', url: '/api/runs' })).statusCode).toBe(401);
  });
});
