import { join } from 'node:path';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { createRepository, type TestFile, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import pino from 'pino';
import { ensureRepository } from '../src/repository.ts';

export const TASK_FILE = 'docs/PLUGIN-TASKS.md';

/** A database, a git repository with an empty commit, and everything that a tick needs to work on it. */
export async function openScene() {
  const folder = temporaryFolder();
  const { database: db, url, close } = await testDatabase({ maxConnections: 10 });
  const git = createRepository(join(folder.path, 'project'));
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const env = readEnvironment({ ORCHESTRATOR_HOME: join(folder.path, 'home') }, folder.path);
  const repositories = createRepositories(env, log);
  git.commit({ 'README.md': '# Project\n' });
  const repository = await ensureRepository(db, { url: git.path, name: 'project' });
  return {
    db,
    url,
    git,
    log,
    lines,
    repositories,
    repository,
    folder: folder.path,
    config: OrchestratorConfig.parse({}),
    /** Commits the task file. */
    tasks: (text: string, more: Record<string, TestFile> = {}) => git.commit({ [TASK_FILE]: text, ...more }),
    async close() {
      await close();
      folder.remove();
    },
  };
}
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** The text of a task section. */
export const section = (id: string, markers: Record<string, string> = {}, body = `Do ${id}.`): string =>
  [
    `## Task: Title of ${id}`,
    ...Object.entries({ ID: id, ...markers }).map(([name, value]) => `<!-- TASK_${name}: ${value} -->`),
    '',
    body,
    '',
    '',
  ].join('\n');
