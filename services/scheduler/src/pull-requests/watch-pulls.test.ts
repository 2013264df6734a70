import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { markBody } from '@orchestrator/shared/github/pull-marker.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { type GitHubServer, startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { watchOnce } from './watch-pulls.ts';

const TOKEN = 'github-token-for-tests';
let database: TestDatabase;
let folder: { path: string; remove: () => void };
let server: GitHubServer;
let look: () => Promise<number | undefined>;
let run: { runId: string; repositoryId: string };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = temporaryFolder();
  const gitDirectory = join(folder.path, 'remote.git');
  const person = createRepository(join(folder.path, 'person'));
  person.commit({ 'README.md': 'read me\n' });
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  person.git('checkout', '--quiet', '-b', 'ai/greet');
  const headCommit = person.commit({ 'greet.js': '1\n' });
  person.git('push', '--quiet', gitDirectory, 'ai/greet');
  server = await startGitHubServer({ owner: 'acme', repository: 'widgets', gitDirectory, token: TOKEN });
  const url = `${server.url}/acme/widgets.git`;
  const { database: db } = database;
  const home = join(folder.path, 'home');
  const env = readEnvironment({ ORCHESTRATOR_HOME: home, GITHUB_TOKEN: TOKEN, GITHUB_API_URL: server.url }, '/');
  const { log } = sink();
  const repositories = createRepositories(env, log);
  look = () => watchOnce({ db, env, repositories, log });
  const seeded = await seedRun(db, { stage: 'publish', url, baseCommit: headCommit });
  run = seeded;
  await db.stageRun.update({ where: { id: seeded.stageRunId }, data: { state: 'succeeded' } });
  await db.run.update({ where: { id: seeded.runId }, data: { state: 'in_review' } });
  await fetch(`${server.url}/repos/acme/widgets/pulls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'user-agent': 'us' },
    body: JSON.stringify({
      title: 'Greet',
      head: 'ai/greet',
      base: 'main',
      body: markBody('Text', { task: 'greet', text: 'h' }),
    }),
  });
  await db.pullRequest.create({
    data: {
      repositoryId: seeded.repositoryId,
      runId: seeded.runId,
      taskKey: 'greet',
      branch: 'ai/greet',
      number: 1,
      state: 'open',
      baseCommit: headCommit,
      headCommit,
    },
  });
});
afterEach(async () => {
  await server.close();
  folder.remove();
});

const state = async () => {
  const row = await database.database.run.findUniqueOrThrow({
    where: { id: run.runId },
    include: { pullRequests: true, events: true, task: true },
  });
  return { run: row.state, code: row.endCode, pull: row.pullRequests[0]?.state, row };
};

describe('what people do with a pull request', () => {
  test('a merge ends the run, once', async () => {
    await look();
    expect(await state()).toMatchObject({ run: 'in_review', pull: 'open' });
    await server.people.merge(1);
    await look();
    await look();
    const after = await state();
    expect(after).toMatchObject({ run: 'merged', pull: 'merged', code: null });
    expect(after.row.pullRequests[0]?.mergedAt).not.toBeNull();
    expect(after.row.events.filter(({ type }) => type === 'run.merged')).toHaveLength(1);
  });

  test('a close rejects it; a reopening puts it back; a merge after that counts', async () => {
    await server.people.close(1);
    await look();
    expect(await state()).toMatchObject({ run: 'rejected', pull: 'closed', code: 'PULL_REQUEST_CLOSED' });
    server.people.reopen(1);
    await look();
    expect(await state()).toMatchObject({ run: 'in_review', pull: 'open', code: null });
    await server.people.merge(1);
    await look();
    expect(await state()).toMatchObject({ run: 'merged', pull: 'merged' });
  });

  test.each(['label', 'box'])(
    'a wish for a rebuild by %s asks for a run only where their commits stopped us',
    async (by) => {
      if (by === 'label') server.people.label(1, 'ai: rebuild');
      else server.people.edit(1, (body) => body.replace('- [ ] ', '- [x] '));
      await look();
      expect((await state()).row.task.retryRequestedAt).toBeNull();
      const { task } = (await state()).row;
      await database.database.run.create({
        data: {
          taskId: task.id,
          taskRevision: 1,
          number: 2,
          baseCommit: 'b',
          state: 'failed',
          endCode: 'PUBLISH_FOREIGN_COMMIT',
        },
      });
      await look();
      expect((await state()).row.task.retryRequestedAt).not.toBeNull();
    },
  );

  test('pull requests of others, and what is not ours to end, are left alone', async () => {
    await database.database.run.update({ where: { id: run.runId }, data: { state: 'cancelled' } });
    await server.people.merge(1);
    await look();
    expect(await state()).toMatchObject({ run: 'cancelled', pull: 'merged' });
  });
});

test('a rate limit is waited for, and a refused token breaks nothing', async () => {
  const headers = { 'retry-after': '90' };
  const body = { message: 'You have exceeded a secondary rate limit.' };
  await look();
  server.faults.next([{ kind: 'status', status: 403, headers, body }], { path: /\/pulls$/ });
  expect(await look()).toBeGreaterThan(60_000);
  server.faults.next([{ kind: 'status', status: 401, body: { message: 'Bad credentials' } }], { path: /\/pulls$/ });
  expect(await look()).toBeUndefined();
  await server.people.merge(1);
  await look();
  expect(await state()).toMatchObject({ run: 'merged' });
});
