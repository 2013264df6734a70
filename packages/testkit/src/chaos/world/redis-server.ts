import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@orchestrator/shared/embedded-postgres/cluster.ts';
import type { Guard } from './guard.ts';

/** A real Redis, with the settings of the compose file, that is stopped and started at will. */
export interface RedisServer {
  readonly port: number;
  flush(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const START_LIMIT_MS = 30_000;

export async function startRedisServer(folder: string, guard: Guard): Promise<RedisServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let child: ChildProcess | undefined;
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };

  async function start(): Promise<void> {
    const log = openSync(join(folder, 'redis.log'), 'a');
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    child = spawn('redis-server', args, { stdio: ['ignore', log, log] });
    guard.watch(child);
    const deadlineMs = performance.now() + START_LIMIT_MS;
    while ((await ask(port, 'PING')) !== '+PONG') {
      if (performance.now() > deadlineMs || child.exitCode !== null) throw new Error('Redis did not start');
      await delay(50);
    }
  }

  await start();
  return {
    port,
    start,
    async flush() {
      // While it is down it holds nothing that could be lost.
      await ask(port, 'FLUSHALL');
    },
    async stop() {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      ended.kill('SIGTERM');
      await once(ended, 'exit');
    },
  };
}

/** One command, as Redis takes it from a terminal; the first line of the answer, null where there is none. */
function ask(port: number, command: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(String(data).split('\r\n')[0] ?? null);
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(null));
  });
}
