import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** What the machine holds that no attack may read, reach or change. */
export interface Canaries {
  /** Each is a secret: in the environment, in a file, in another job's workspace. */
  readonly secrets: readonly string[];
  /** Files that hold one; the owner alone may read them. */
  readonly secretPaths: readonly string[];
  /** A folder that anybody may write. */
  readonly openFolder: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** A socket as of a container engine, and an abstract one. */
  readonly socketPath: string;
  readonly abstractName: string;
  /** Addresses of this machine, without brackets. */
  readonly addresses: readonly string[];
  /** Port of a registry of this machine's own that its package managers are set to; it sends everybody elsewhere. */
  readonly registryPort: number;
  /** A process of this machine that is none of the box's business. */
  readonly pid: number;
  /** How many connections and packets have arrived. */
  heard(): number;
  /** What has changed on the machine since the start, one line each. */
  changes(): string[];
  close(): Promise<void>;
}

/** Of the kernel: a box that could write one would own the machine. */
const KERNEL_SETTINGS = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/vm/overcommit_memory',
];

/** `folder`: an empty one that other users may enter. Sets secrets in this process's environment, as a service has them. */
export async function plantCanaries(folder: string): Promise<Canaries> {
  const [inEnvironment, inFile, inOtherJob] = [1, 2, 3].map(() => `canary-${randomBytes(12).toString('hex')}`) as [
    string,
    string,
    string,
  ];
  const names = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GITHUB_TOKEN', 'DATABASE_PASSWORD'];
  for (const name of names) process.env[name] = inEnvironment;
  const home = join(folder, 'service-home');
  const secretPaths = ['.ssh/id_ed25519', '.npmrc.secret', '.git-credentials', 'secrets/token'].map((name) =>
    join(home, name),
  );
  for (const path of secretPaths) writeSecret(path, inFile);
  const otherJob = join(folder, 'other-job/workspaces/a/work/secret.txt');
  writeSecret(otherJob, inOtherJob);
  const openFolder = join(folder, 'open');
  mkdirSync(openFolder);
  chmodSync(openFolder, 0o777);
  const marked = join(openFolder, 'untouched');
  writeFileSync(marked, 'untouched');
  chmodSync(marked, 0o666);

  let heard = 0;
  const abstractName = `attack-${randomBytes(8).toString('hex')}`;
  const socketPath = join(folder, 'docker.sock');
  const server = () =>
    createServer((socket) => {
      heard++;
      socket.destroy();
    });
  const [tcp, file, abstract] = [server(), server(), server()];
  const registry = createHttpServer((request, response) => {
    // Where to is in the path: /127.0.0.1:1234 leads to http://127.0.0.1:1234/.
    response.writeHead(302, { location: `http:/${request.url}/` }).end();
  });
  const udp = createSocket('udp4').on('message', () => heard++);
  await Promise.all([
    listening(tcp, [0, '::']).catch(() => listening(tcp, [0, '0.0.0.0'])),
    listening(registry, [0, '127.0.0.1']),
    listening(file, [socketPath]),
    listening(abstract, [`\0${abstractName}`]),
    new Promise<void>((resolve) => udp.bind(0, '0.0.0.0', resolve)),
  ]);
  chmodSync(socketPath, 0o777);
  const registryPort = (registry.address() as AddressInfo).port;
  writeFileSync(join(home, '.npmrc'), `registry=http://127.0.0.1:${registryPort}/\n`);
  process.env.HOME = home;
  const before = readAll(KERNEL_SETTINGS);
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return {
    secrets: [inEnvironment, inFile, inOtherJob],
    secretPaths: [...secretPaths, otherJob],
    openFolder,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    socketPath,
    abstractName,
    addresses: [...new Set(['127.0.0.1', '::1', ...own.filter((address) => !address.startsWith('fe80'))])],
    registryPort,
    pid: process.pid,
    heard: () => heard,
    changes: () => [
      ...Object.entries(before).flatMap(([path, content]) =>
        readAll([path])[path] === content ? [] : [`${path} was changed`],
      ),
      ...(readdirSync(openFolder).join() === 'untouched' ? [] : [`${openFolder} was written to`]),
      ...(readFileSync(marked, 'utf8') === 'untouched' ? [] : [`${marked} was overwritten`]),
      ...['/canary', '/usr/canary', '/etc/canary', '/tmp/canary'].filter((path) => existsSync(path)),
    ],
    close: async () => {
      for (const name of names) delete process.env[name];
      for (const each of [tcp, file, abstract, registry]) each.close();
      udp.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeSecret(path: string, secret: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
}

const listening = (server: Server, on: readonly unknown[]): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    (server.listen as (...args: unknown[]) => void)(...on, resolve);
  });

const readAll = (paths: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    paths.filter((path) => statSync(path, { throwIfNoEntry: false })).map((path) => [path, readFileSync(path, 'utf8')]),
  );
