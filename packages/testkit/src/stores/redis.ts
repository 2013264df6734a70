import { type ChildProcess, spawnSync } from 'node:child_process';
import { redisInstalled, startRedisServer } from '../redis-server.ts';
import { type Container, startContainer } from './container.ts';
import { imageOf } from './images.ts';

export interface TestRedis {
  readonly url: string;
  /** Which server this is, for the test's output. */
  readonly kind: string;
  close(): Promise<void>;
}

/** As docker-compose.yml runs it, but for what is kept on disk. Without a password it would refuse other machines. */
const PASSWORD = 'of-the-tests';
const SETTINGS = ['--save', '', '--maxmemory-policy', 'noeviction', '--bind', '0.0.0.0', '--requirepass', PASSWORD];

/**
 * A Redis server: a container of the image in docker-compose.yml, otherwise the `redis-server` of this machine, which is
 * installed as root on Debian where it is missing. `here`: the latter in any case. null: there is none to be had; the
 * reason is on stderr.
 */
export async function startRedis({
  here = false,
  watch,
}: {
  readonly here?: boolean;
  /** Given the process of a `redis-server`, for who has to end it in any case. */
  readonly watch?: (child: ChildProcess) => void;
} = {}): Promise<TestRedis | null> {
  const container = here ? { reason: 'it was asked for' } : await containerOf();
  if ('url' in container) return container;
  if (!redisInstalled() && !install()) {
    process.stderr.write(`no Redis: ${container.reason}, and redis-server is not installed\n`);
    return null;
  }
  process.stderr.write(`Redis is the redis-server of this machine: ${container.reason}\n`);
  const server = await startRedisServer(watch ? { watch } : {});
  return { url: server.url, kind: 'redis-server of this machine', close: () => server.close() };
}

async function containerOf(): Promise<TestRedis | { readonly reason: string }> {
  let image: string;
  try {
    image = imageOf('redis');
  } catch (error) {
    return { reason: (error as Error).message };
  }
  const command = ['redis-server', ...SETTINGS];
  const started: Container | { reason: string } = await startContainer({
    image,
    port: 6379,
    command,
    ready: /Ready to accept connections/,
  });
  if ('reason' in started) return started;
  return {
    url: `redis://:${PASSWORD}@${started.host}:${started.port}`,
    kind: `container of ${image}`,
    close: () => started.stop(),
  };
}

function install(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const apt = (args: readonly string[]) =>
    spawnSync('apt-get', [...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' })
      .status === 0;
  const packages = ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'];
  return apt(packages) || (apt(['update', '-qq']) && apt(packages));
}
