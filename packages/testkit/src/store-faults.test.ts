import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, it } from 'vitest';
import { testDatabase } from './postgres.ts';
import { redisInstalled, startRedisServer } from './redis-server.ts';

it.skipIf(!redisInstalled())(
  'empties Redis and ends connections to Postgres, as drawn from the seed, until it is stopped',
  async () => {
    const [redisServer, database] = await Promise.all([startRedisServer(), testDatabase()]);
    const redis = new Redis(redisServer.url);
    const client = new pg.Client({ connectionString: database.url });
    const ended = new Promise<string>((resolve) => client.on('error', (error) => resolve(error.message)));
    await client.connect();
    await redis.set('key', 'value');
    const program = join(import.meta.dirname, 'store-faults.ts');
    const child = spawn(process.execPath, [program, '--seed', '3', '--every-seconds', '1'], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, REDIS_URL: redisServer.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const kinds = new Set<string>();
      for await (const line of createInterface(child.stdout)) {
        const { fault, failed } = JSON.parse(line) as { fault?: string; failed?: string };
        expect(failed).toBeUndefined();
        if (fault) kinds.add(fault);
        if (kinds.size === 2) break;
      }
      expect(await redis.get('key')).toBeNull();
      expect(await ended).toMatch(/terminat/);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      redis.disconnect();
      await client.end().catch(() => {});
      await Promise.all([redisServer.close(), database.close()]);
    }
  },
);
