import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startContainer } from './container.ts';
import { imageOf } from './images.ts';

export interface PostgresContainer {
  readonly kind: string;
  /** Connection string of `database`, which is created if it is not there. */
  url(database: string): Promise<string>;
  close(): Promise<void>;
}

/** A Postgres server: a container of the image in docker-compose.yml. `reason`: there is none to be had. */
export async function startPostgresContainer(): Promise<PostgresContainer | { readonly reason: string }> {
  let image: string;
  try {
    image = imageOf('postgres');
  } catch (error) {
    return { reason: (error as Error).message };
  }
  const started = await startContainer({
    image,
    port: 5432,
    command: ['postgres', '-c', 'max_connections=200'],
    env: { POSTGRES_USER: 'orchestrator', POSTGRES_PASSWORD: 'of-the-tests', POSTGRES_DB: 'admin' },
    ready: /database system is ready to accept connections/,
  });
  if ('reason' in started) return started;
  const urlOf = (database: string) =>
    `postgresql://orchestrator:of-the-tests@${started.host}:${started.port}/${database}`;
  return {
    kind: `container of ${image}`,
    async url(database) {
      await createDatabase(urlOf('admin'), database);
      return urlOf(database);
    },
    close: () => started.stop(),
  };
}

async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = await connect(adminUrl);
  try {
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rows.length === 0) await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)}`);
  } finally {
    await admin.end();
  }
}

/** While it sets itself up it says that it is ready, and takes no connections from outside. */
async function connect(url: string): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (tries === 60) throw error;
      await sleep(500);
    }
  }
}
