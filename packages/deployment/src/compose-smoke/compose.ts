import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type CommandOptions, command, ROOT } from './command.ts';

/** Runs `docker compose ARGS` in the root of the project. */
export type Compose = (args: readonly string[], options?: CommandOptions) => Promise<string>;

const IMAGE = 'ai-orchestrator-compose:local';

/**
 * Docker Compose 2: the machine's own, or, beside an engine that only has an older one, from a small image. Throws
 * TOOL_MISSING where no engine answers.
 */
export async function findCompose(say: (text: string) => void): Promise<Compose> {
  await requireEngine();
  for (const argv of [['docker', 'compose'], ['docker-compose']]) {
    if ((await majorVersion(argv)) >= 2) return (args, options) => command([...argv, ...args], options);
  }
  say('No Docker Compose 2 on this machine: it runs from an image.');
  const folder = `${ROOT}/deploy/container`;
  await command(['docker', 'build', '-t', IMAGE, '-f', `${folder}/compose.Dockerfile`, folder], {
    show: true,
    timeoutMs: 600_000,
  });
  const socket = '/var/run/docker.sock';
  const run = ['docker', 'run', '--rm', '-v', `${socket}:${socket}`, '-v', `${ROOT}:${ROOT}`, '-w', ROOT, IMAGE];
  return (args, options) => command([...run, ...args], options);
}

async function requireEngine(): Promise<void> {
  // An engine that has just been started takes a moment.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await command(['docker', 'version', '--format', '{{.Server.Version}}'], { timeoutMs: 20_000 });
      return;
    } catch (error) {
      if (attempt < 3 && (error as { code?: string }).code !== 'ENOENT') await sleep(1_000);
      else
        throw new AppError('TOOL_MISSING', {
          tool: 'A Docker engine that answers',
          fix: 'Install Docker and start it; `docker version` shows whether it answers.',
        });
    }
  }
}

async function majorVersion(argv: readonly string[]): Promise<number> {
  const printed = await command([...argv, 'version', '--short']).catch(() => '');
  return Number(/^v?(\d+)\./m.exec(printed)?.[1] ?? 0);
}
