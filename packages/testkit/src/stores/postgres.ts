import { startContainer } from './container.ts';
import { imageOf } from './images.ts';

/** A Postgres server: a container of the image in docker-compose.yml. `reason`: there is none to be had. */
export async function startPostgresContainer(): Promise<
  { readonly adminUrl: string; stop(): Promise<void> } | { readonly reason: string }
> {
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
    // Once while it sets itself up, and once when it serves.
    ready: /database system is ready to accept connections/,
    times: 2,
  });
  if ('reason' in started) return started;
  return {
    adminUrl: `postgresql://orchestrator:of-the-tests@${started.host}:${started.port}/admin`,
    stop: () => started.stop(),
  };
}
