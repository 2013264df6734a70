import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import pg from 'pg';

/** What was used up to a moment; differences count. Linux only. */
export interface Used {
  readonly commits: number;
  readonly walBytes: number;
  /** Scripts and blocking reads that clients sent: round trips of the queue. */
  readonly redisCalls: number;
  readonly nodeCpuSeconds: number;
  readonly postgresCpuSeconds: number;
  readonly redisCpuSeconds: number;
}

const TICKS_PER_SECOND = 100;

/** Counts on servers that nobody else uses. `redis` null: the arm has none. */
export function openCounters(databaseUrl: string, redis: Redis | null) {
  const client = new pg.Client({ connectionString: databaseUrl });
  return {
    open: () => client.connect(),
    close: () => client.end(),
    async used(): Promise<Used> {
      const { rows } = await client.query<{ commits: string; wal: string; postmaster: number }>(
        `SELECT xact_commit AS commits, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS wal,
           (SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer') AS postmaster
         FROM pg_stat_database WHERE datname = current_database()`,
      );
      const row = rows[0] as (typeof rows)[number];
      const { user, system } = process.cpuUsage();
      return {
        commits: Number(row.commits),
        walBytes: Number(row.wal),
        redisCalls: redis ? callsOf(await redis.info('commandstats')) : 0,
        nodeCpuSeconds: (user + system) / 1e6,
        postgresCpuSeconds: cpuOfFamily(parentOf(row.postmaster)),
        redisCpuSeconds: redis ? cpuOfRedis(await redis.info('cpu')) : 0,
      };
    },
  };
}

export const difference = (after: Used, before: Used): Used =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Used]]),
  ) as unknown as Used;

/** Commands that clients send; what scripts call inside is not counted. */
const CLIENT_COMMANDS = /^cmdstat_(evalsha|eval|bzpopmin|bzpopmax):calls=(\d+)/gm;
const callsOf = (info: string): number =>
  [...info.matchAll(CLIENT_COMMANDS)].reduce((sum, match) => sum + Number(match[2]), 0);

const cpuOfRedis = (info: string): number =>
  [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].reduce((sum, match) => sum + Number(match[1]), 0);

const statOf = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};
const parentOf = (pid: number): number => Number(statOf(pid)[1]);

/** Seconds of a server, its children and those of them that have ended. */
function cpuOfFamily(server: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = statOf(Number(name));
      const [user, system, childUser, childSystem] = stat.slice(11, 15).map(Number) as [number, number, number, number];
      if (Number(name) === server) ticks += user + system + childUser + childSystem;
      else if (Number(stat[1]) === server) ticks += user + system;
    } catch {
      // It ended meanwhile, and is counted with its parent.
    }
  }
  return ticks / TICKS_PER_SECOND;
}
