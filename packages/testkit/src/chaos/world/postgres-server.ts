import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { binariesFor, freePort, initialise } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import { postgresOwner } from '@orchestrator/shared/embedded-postgres/owner.ts';
import pg from 'pg';
import type { Guard } from './guard.ts';

/** A Postgres of the harness' own: always at the same port, and stopped and started at will. */
export interface PostgresServer {
  readonly port: number;
  /** `port`: another one that leads here. */
  url(database: string, port?: number): string;
  /** Ends all sessions; `crash`: without a shutdown, so that the next start has to recover. */
  stop(crash: boolean): Promise<void>;
  start(): Promise<void>;
}

const START_LIMIT_MS = 60_000;

/** Its data are in `folder`, which others than root must be able to enter. */
export async function startPostgresServer(folder: string, guard: Guard): Promise<PostgresServer> {
  const owner = postgresOwner();
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const binaries = await binariesFor(folder, owner);
  await initialise(binaries, folder, data, owner);
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();
  const port = await freePort();
  const logPath = join(folder, 'postgres.log');
  writeFileSync(logPath, '');
  if (owner) chownSync(logPath, owner.uid, owner.gid);
  let child: ChildProcess | undefined;

  const url = (database: string, at = port) => `postgresql://orchestrator:${password}@127.0.0.1:${at}/${database}`;
  async function start(): Promise<void> {
    const flags = ['-h', '127.0.0.1', '-p', String(port), '-D', data];
    const settings = ['unix_socket_directories=', 'max_connections=300', 'shared_buffers=128MB'];
    const log = openSync(logPath, 'a');
    child = spawn(binaries.postgres, [...flags, ...settings.flatMap((setting) => ['-c', setting])], {
      ...(owner ?? {}),
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log, log],
    });
    guard.watch(child);
    const deadlineMs = performance.now() + START_LIMIT_MS;
    while (!(await answers(url('postgres')))) {
      if (performance.now() > deadlineMs || child.exitCode !== null)
        throw new Error(`Postgres did not start: ${readFileSync(logPath, 'utf8').slice(-2_000)}`);
      await delay(50);
    }
  }

  await start();
  return {
    port,
    url,
    start,
    async stop(crash) {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      ended.kill(crash ? 'SIGQUIT' : 'SIGINT');
      await once(ended, 'exit');
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  return client
    .connect()
    .then(() => true)
    .catch(() => false)
    .finally(() => client.end().catch(() => {}));
}
