import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../packages/shared/src/db/client.ts';
import { openEmbeddedPostgres } from '../../packages/shared/src/embedded-postgres/cluster.ts';
import { createRepository, type TestRepository } from '../../packages/testkit/src/git/test-repository.ts';
import type { ModelServer } from '../../packages/testkit/src/scripts/model-server.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The example as a repository of a user's own. */
export function exampleRepository(name: string, path: string): TestRepository {
  const repository = createRepository(path);
  cpSync(join(ROOT, 'examples', name), path, { recursive: true });
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '--message', 'Start');
  return repository;
}

export const answersOf = (example: string): string => join(ROOT, 'examples', `${example}.answers`);

export interface Machine {
  readonly home: string;
  readonly anthropic: Pick<ModelServer, 'url'>;
  readonly openai: Pick<ModelServer, 'url'>;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  /** SIGKILL to the process and all of its group. */
  kill(): Promise<void>;
}

/** The command line as a process of its own, as a user starts it. */
export function startCli(machine: Machine, args: readonly string[], env: Record<string, string> = {}): CliProcess {
  const child = spawn(process.execPath, [join(ROOT, 'packages/cli/src/main.ts'), ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: machine.home,
      ORCHESTRATOR_HOME: machine.home,
      ANTHROPIC_BASE_URL: machine.anthropic.url,
      OPENAI_BASE_URL: machine.openai.url,
      ANTHROPIC_API_KEY: 'sk-ant-test-key-0000000000',
      OPENAI_API_KEY: 'sk-test-key-0000000000000000',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    output: () => output,
    ended,
    async kill() {
      process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    },
  };
}

/** The embedded database of a machine, opened beside the processes that use it. */
export async function openStateOf(machine: Machine) {
  const server = await openEmbeddedPostgres(join(machine.home, 'postgres'));
  const database = openDatabase(await server.url('orchestrator'));
  return {
    database,
    async close() {
      await database.$disconnect();
      await server.close();
    },
  };
}
