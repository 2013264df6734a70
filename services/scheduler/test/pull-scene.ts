import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { markBody } from '@orchestrator/shared/github/pull-marker.ts';
import { createRepository, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { watchIssuesOnce } from '../src/dashboard-issue/watch-issues.ts';
import { newMemory } from '../src/pull-requests/follow-pull.ts';
import { createPullWatcher, watchOnce } from '../src/pull-requests/watch-pulls.ts';
import { writeStatusOnce } from '../src/task-status/watch-status.ts';

const TOKEN = 'github-token-for-tests';

/** A database for a file of tests, and a scene of its own for each of them. */
export function pullScenes() {
  let database: TestDatabase;
  let scene: PullScene;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scene = await pullScene(database.database);
  });
  afterEach(() => scene.close());
  return {
    get db() {
      return database.database;
    },
    get scene() {
      return scene;
    },
  };
}

/** A run in review whose pull request 1 is open on a GitHub of its own. */
async function pullScene(db: Database) {
  const folder = temporaryFolder();
  const gitDirectory = join(folder.path, 'remote.git');
  const person = createRepository(join(folder.path, 'person'));
  const baseCommit = person.commit({ 'README.md': 'read me\n' });
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  person.git('remote', 'add', 'origin', gitDirectory);
  person.git('checkout', '--quiet', '-b', 'ai/greet');
  const headCommit = person.commit({ 'greet.js': '1\n' });
  person.git('push', '--quiet', 'origin', 'ai/greet');
  const server = await startGitHubServer({
    owner: 'acme',
    repository: 'widgets',
    gitDirectory,
    token: TOKEN,
    compared: 'requests and answers',
  });
  const url = `${server.url}/acme/widgets.git`;
  const home = join(folder.path, 'home');
  const env = readEnvironment({ ORCHESTRATOR_HOME: home, GITHUB_TOKEN: TOKEN, GITHUB_API_URL: server.url }, '/');
  const { log } = sink();
  const repositories = createRepositories(env, log);
  const { runId, repositoryId, taskId, stageRunId } = await seedRun(db, { stage: 'publish', url, baseCommit });
  await db.stageRun.update({ where: { id: stageRunId }, data: { state: 'succeeded' } });
  await db.run.update({ where: { id: runId }, data: { state: 'in_review' } });
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
  const { id: pullRequestId } = await db.pullRequest.create({
    data: {
      repositoryId,
      runId,
      taskKey: 'greet',
      branch: 'ai/greet',
      number: 1,
      state: 'open',
      baseCommit,
      headCommit,
    },
  });
  const memory = newMemory();
  return {
    server,
    person,
    runId,
    taskId,
    repositoryId,
    seenKey: `pulls.seen:${repositoryId}`,
    /** One look at the dashboard issue. */
    lookAtIssue: () => watchIssuesOnce({ db, env, repositories, log }),
    /** One writing of results into the task file. */
    writeStatus: () => writeStatusOnce({ db, env, repositories, log }),
    /** As the scheduler runs it. */
    watcher: () => createPullWatcher({ db, env, repositories, log }),
    pullRequestId,
    baseCommit,
    headCommit,
    /** One look of the watcher. Comments are taken at once unless `quietMs` is given. */
    look: (quietMs = 0) => watchOnce({ db, env, repositories, log, memory, quietMs }),
    /** Commits to the default branch, as people do, and lets the watcher know. */
    async commitToMain(files: Readonly<Record<string, string>>) {
      person.git('checkout', '--quiet', 'main');
      person.commit(files);
      person.git('push', '--quiet', 'origin', 'main');
      await (await repositories.mirror(url)).refresh();
    },
    outcomes: () => db.pullOutcome.findMany({ where: { pullRequestId }, orderBy: { at: 'asc' } }),
    refresh: async () => (await repositories.mirror(url)).refresh(),
    async state() {
      const row = await db.run.findUniqueOrThrow({
        where: { id: runId },
        include: { pullRequests: true, events: true, task: true, artifacts: true, stageRuns: true },
      });
      const pull = row.pullRequests.find(({ id }) => id === pullRequestId);
      return { run: row.state, code: row.endCode, round: row.round, pull: pull?.state, row };
    },
    async close() {
      await server.close().finally(() => folder.remove());
    },
  };
}
export type PullScene = Awaited<ReturnType<typeof pullScene>>;
