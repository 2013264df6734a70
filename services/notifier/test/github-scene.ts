import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { createRepository, repositoryAt, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { startGitHubServer } from '@orchestrator/testkit/github/server.ts';
import { file, type JudgedRunOptions, judgedRun } from './judged-run.ts';

export const TOKEN = 'github-token-for-tests';
export const GREETING = file('src/greet.js', "export const greet = (name) => 'Hello ' + name;\n");

/** A repository on a GitHub of its own: the API and git over HTTP on one address, and a clone of a person. */
export async function githubScene(db: Database, orchestratorYaml = '') {
  const folder = temporaryFolder();
  const gitDirectory = join(folder.path, 'remote.git');
  const person = createRepository(join(folder.path, 'person'));
  const baseCommit = person.commit({
    'README.md': 'read me\n',
    ...(orchestratorYaml === '' ? {} : { 'orchestrator.yaml': orchestratorYaml }),
  });
  execFileSync('git', ['clone', '--quiet', '--bare', person.path, gitDirectory]);
  person.git('remote', 'add', 'origin', gitDirectory);
  const server = await startGitHubServer({ owner: 'acme', repository: 'widgets', gitDirectory, token: TOKEN });
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
        token: TOKEN,
        apiUrl: server.url,
        ...options,
      }),
    async close() {
      await server.close();
      folder.remove();
    },
  };
}
export type GitHubScene = Awaited<ReturnType<typeof githubScene>>;
