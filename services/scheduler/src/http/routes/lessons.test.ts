import { randomUUID } from 'node:crypto';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { markShown } from '@orchestrator/shared/lessons/retrieve.ts';
import { rememberHalfLife } from '@orchestrator/shared/lessons/rules.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../app.ts';

let opened: TestDatabase;
let app: Awaited<ReturnType<typeof buildApp>>;
let repository: string;
let runId: string;
const noQueue = () => Promise.reject(new Error('the API needs no queue'));
beforeAll(async () => {
  opened = await testDatabase();
  app = await buildApp({
    db: opened.database,
    log: sink().log,
    transport: { inspect: noQueue, hasMark: noQueue },
    token: undefined,
  });
});
afterAll(async () => {
  await app.close();
  await opened.close();
});
beforeEach(async () => {
  ({ repositoryId: repository, runId } = await seedRun(opened.database));
});

async function ask(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) {
  const headers = { host: 'localhost' };
  const answer = await app.inject({ method, url: `/api${path}`, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}
const teach = async (text: string, more: object = {}) =>
  (await ask('POST', '/lessons', { repository, text, ...more })).body.id as string;

describe('lessons over HTTP', () => {
  it('are taught with a scope and a reason, and shown with their evidence and runs', async () => {
    const scope = { language: 'java', paths: ['src/db'] };
    const added = await ask('POST', '/lessons', { repository, text: ' Close pools. ', scope, reason: 'an outage' });
    expect(added).toMatchObject({
      status: 201,
      body: { text: 'Close pools.', source: 'person', state: 'shown', weight: 2, scope, expiresAt: null, runs: [] },
    });
    const { id } = added.body;
    await markShown(opened.database, runId, [{ id, text: '' }]);
    expect((await ask('GET', `/lessons/${id}`)).body).toMatchObject({
      evidence: [{ what: 'taught by api: an outage' }],
      runs: [{ run: runId }],
    });
  });

  it('are listed by repository and state, the heaviest first, as they fade by its configuration', async () => {
    const [light, heavy] = [await teach('Light.'), await teach('Heavy.')];
    await ask('PATCH', `/lessons/${heavy}`, { weight: 4 });
    await seedRun(opened.database);
    const ids = async (query: string) =>
      (await ask('GET', `/lessons?repository=${repository}${query}`)).body.lessons.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([heavy, light]);
    await rememberHalfLife(opened.database, repository, 1);
    await opened.database.lesson.update({
      where: { id: light },
      data: { weighedAt: new Date(Date.now() - 5 * 86_400_000) },
    });
    expect(await ids('&state=shown')).toEqual([heavy]);
    expect(await ids('&state=faded')).toEqual([light]);
  });

  it('are edited, retired and restored, with who and why on record', async () => {
    const id = await teach('Be brief.');
    const change = { text: 'Be very brief.', expiresAt: '2030-01-01T00:00:00Z', scope: { module: 'core' } };
    expect((await ask('PATCH', `/lessons/${id}`, change)).body).toMatchObject({
      text: 'Be very brief.',
      expiresAt: '2030-01-01T00:00:00.000Z',
      scope: { module: 'core', paths: [] },
    });
    expect((await ask('POST', `/lessons/${id}/retire`, { reason: 'wrong' })).body).toMatchObject({
      state: 'off',
      evidence: [{}, { what: 'changed by api' }, { what: 'switched off by api: wrong' }],
    });
    expect((await ask('POST', `/lessons/${id}/restore`)).body.state).toBe('shown');
    expect((await ask('PATCH', `/lessons/${id}`, { expiresAt: null })).body.expiresAt).toBeNull();
  });

  it('refuses what it cannot take, and names the field', async () => {
    const id = await teach('Fine.');
    expect(await ask('PATCH', `/lessons/${id}`, { reason: 'nothing' })).toMatchObject({ status: 400 });
    expect(await ask('PATCH', `/lessons/${id}`, { weight: 6 })).toMatchObject({
      status: 400,
      body: { title: 'API_REQUEST_INVALID', errors: [{ field: 'body.weight' }] },
    });
    expect((await ask('POST', '/lessons', { repository, text: 'x'.repeat(501) })).status).toBe(400);
    expect(await ask('POST', '/lessons', { repository: randomUUID(), text: 'Fine.' })).toMatchObject({
      status: 404,
      body: { title: 'REPO_UNKNOWN' },
    });
    expect(await ask('GET', `/lessons/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { title: 'LESSON_UNKNOWN' },
    });
    await teach('Twin.');
    expect(await ask('PATCH', `/lessons/${id}`, { text: 'Twin.' })).toMatchObject({ status: 409 });
  });
});

describe('statistics over HTTP', () => {
  it('are the numbers of the command line, amounts as text', async () => {
    const { url } = await opened.database.repository.findUniqueOrThrow({ where: { id: repository } });
    const answer = await ask('GET', `/stats?repository=${encodeURIComponent(url)}&period=week`);
    expect(answer).toMatchObject({
      status: 200,
      body: { runs: { total: 1 }, money: { spentNanoUsd: '0' }, comparison: { period: 'week', all: { runs: 1 } } },
    });
    expect((await ask('GET', '/stats?period=year')).status).toBe(400);
    expect((await ask('GET', '/stats?repository=nowhere')).body.title).toBe('REPO_UNKNOWN');
  });
});
