import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@orchestrator/shared/db/client.ts';
import { migrate } from '@orchestrator/shared/db/migrate.ts';
import pg from 'pg';
import { recordWrites } from '../invariants/recorded-writes.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { startGuard } from './guard.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { createTargetRepository, type TargetRepository } from './target-repository.ts';
import { GITHUB_REPOSITORY } from './vendor-records.ts';
import { startVendors, type Vendors } from './vendors.ts';

/** A short lease, so that two of them can be slept through. */
export const LEASE_MS = 6_000;

/** The full stack as processes, and everything that it works with. */
export interface World {
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly vendors: Vendors;
  readonly repositories: readonly TargetRepository[];
  readonly fleet: Fleet;
  /** The harness' own way to the database: not through anything that is cut. */
  readonly database: Database;
  /** Ends every process. The services that did not stop as they should are named. */
  stop(): Promise<string[]>;
  /** Removes what is left: logs, database, homes. */
  discard(): void;
}

const STOP_LIMIT_MS = 30_000;
const DATABASE = 'orchestrator';
const GITHUB_TOKEN = 'chaos-token-of-the-platform';

export async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-chaos-'));
  // Postgres runs as another user than root.
  chmodSync(folder, 0o755);
  const guard = startGuard(folder);
  const postgres = await startPostgresServer(join(folder, 'postgres'), guard);
  const redis = await startRedisServer(join(folder, 'redis'), guard);
  const bare = join(folder, 'platform/cases.git');
  const repositories = [
    createTargetRepository('folder', join(folder, 'cases')),
    createTargetRepository('github', bare),
  ];
  const vendors = await startVendors(guard, bare, GITHUB_TOKEN);
  await createDatabase(postgres.url('postgres'));
  await migrate(postgres.url(DATABASE));
  const database = openDatabase(postgres.url(DATABASE), { maxConnections: 4 });
  await recordWrites(database);
  const { owner, repository } = GITHUB_REPOSITORY;
  for (const url of [join(folder, 'cases'), `${vendors.githubUrl}/${owner}/${repository}.git`])
    await database.repository.create({ data: { url, name: 'cases' } });
  const fleet = await startFleet({
    folder,
    guard,
    postgresPort: postgres.port,
    redisPort: redis.port,
    databaseUrl: (port) => postgres.url(DATABASE, port),
    env: {
      ORCHESTRATOR_LEASE_MS: String(LEASE_MS),
      ANTHROPIC_API_KEY: 'chaos-key-of-the-analyzer',
      OPENAI_API_KEY: 'chaos-key-of-the-coder',
      ANTHROPIC_BASE_URL: vendors.anthropicUrl,
      OPENAI_BASE_URL: vendors.openaiUrl,
      NOTIFY_WEBHOOK_URL: vendors.webhookUrl,
      GITHUB_API_URL: vendors.githubUrl,
      GITHUB_TOKEN,
    },
  });
  return {
    folder,
    postgres,
    redis,
    vendors,
    repositories,
    fleet,
    database,
    discard: () => rmSync(folder, { recursive: true, force: true }),
    async stop() {
      const badEnds = await fleet.stop(STOP_LIMIT_MS);
      await database.$disconnect();
      await vendors.stop();
      await redis.stop();
      await postgres.stop(false);
      await guard.close();
      return badEnds;
    },
  };
}

async function createDatabase(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${DATABASE}`);
  await admin.end();
}
