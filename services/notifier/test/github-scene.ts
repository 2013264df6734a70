import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { createRepository, repositoryAt, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import type { TestApp } from '@orchestrator/testkit/github/app-routes.ts';
import { startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { file, type JudgedRunOptions, judgedRun } from './judged-run.ts';

export const TOKEN = 'github-token-for-tests';
export const GREETING = file('src/greet.js', "export const greet = (name) => 'Hello ' + name;\n");

export interface GitHubSceneOptions {
  readonly orchestratorYaml?: string;
  /** Instead of a token. */
  readonly app?: TestApp;
}

/** A database for a file of tests, and a scene of its own for each of them. `replace` begins another one. */
export function githubScenes(options: GitHubSceneOptions = {}) {
  let database: TestDatabase;
  let scene: GitHubScene;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scene = await githubScene(database.database, options);
  });
  afterEach(() => scene.close());
  return {
    get db() {
      return database.database;
    },
    get scene() {
      return scene;
    },
    async replace(other: GitHubSceneOptions) {
      await scene.close();
      scene = await githubScene(database.database, other);
    },
    /** The pull request, where there has been one only. */
    only() {
      expect(scene.server.pulls).toHaveLength(1);
      return scene.server.pulls[0] as GitHubScene['server']['pulls'][number];
    },
    /** A later run of the same task, with another change. */
    again: (first: JudgedRun, number = 2, content = 'better\n') =>
      scene.judge({ task: { ...first, number }, files: [file('src/greet.js', content)] }),
    /** Publishes, and gives the stage that waits. */
    async parked(run: JudgedRun) {
      await run.publish();
      const { stageRuns, state } = await run.read();
      expect(state).toBe('publishing');
      return stageRuns[0];
    },
  };
}
export type JudgedRun = Awaited<ReturnType<GitHubScene['judge']>>;

/** A repository on a GitHub of its own: the API and git over HTTP on one address, and a clone of a person. */
async function githubScene(db: Database, { orchestratorYaml = '', app }: GitHubSceneOptions) {
  const folder = temporaryFolder();
  const gitDirectory = join(folder.path, 'remote.git');
  const person = createRepository(join(folder.path, 'person'));
  const baseCommit = person.commit({
    'README.md': 'read me\n',
    ...(orchestratorYaml === '' ? {} : { 'orchestrator.yaml': orchestratorYaml }),
  });
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  person.git('remote', 'add', 'origin', gitDirectory);
  const server = await startGitHubServer({
    owner: 'acme',
    repository: 'widgets',
    gitDirectory,
    ...(app ? { app } : { token: TOKEN }),
    compared: 'requests and answers',
  });
  const url = `${server.url}/acme/widgets.git`;
  const remote = repositoryAt(gitDirectory);
  return {
    server,
    url,
    person,
    remote,
    baseCommit,
    home: join(folder.path, 'home'),
    /** The commit of a branch, or null. */
    branch: (name: string): string | null => {
      const found = remote.git('for-each-ref', '--format=%(objectname)', `refs/heads/${name}`);
      return found === '' ? null : found;
    },
    judge: (options: Partial<JudgedRunOptions> = {}) =>
      judgedRun({
        db,
        home: join(folder.path, 'home'),
        url,
        baseCommit,
        branch: 'ai/greet',
        files: [GREETING],
        environment: {
          GITHUB_API_URL: server.url,
          ...(app
            ? { GITHUB_APP_ID: String(app.id), GITHUB_APP_PRIVATE_KEY: app.privateKey }
            : { GITHUB_TOKEN: TOKEN }),
        },
        ...options,
      }),
    async close() {
      await server.close().finally(() => folder.remove());
    },
  };
}
export type GitHubScene = Awaited<ReturnType<typeof githubScene>>;
