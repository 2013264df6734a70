import { createHash, randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { AppError } from '../errors/app-error.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { Holders } from './holders.ts';
import { type Owner, postgresOwner, reachableByOthers } from './owner.ts';

export interface EmbeddedPostgres {
  /** Connection string of `database`, which is created if it is not there. */
  url(database: string): Promise<string>;
  /** Leaves the server; the last process to leave stops it. */
  close(): Promise<void>;
}

/**
 * A real Postgres from npm's binaries with its data below `folder`, on a free loopback port, with a random password.
 * A server that another process of this user left running there, or runs now, is used as it is. After a crash Postgres
 * recovers by itself. Throws TOOL_MISSING, HOME_NOT_WRITABLE, DISK_FULL, DATABASE_UNAVAILABLE.
 */
export async function openEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const owner = postgresOwner();
  const place = placeOf(folder, owner);
  mkdirSync(place, { recursive: true });
  const holders = new Holders(place);
  const port = await holders.exclusively(async () => {
    const binaries = await binariesFor(place, owner);
    const data = join(place, 'data');
    if (!existsSync(join(data, 'PG_VERSION'))) await initialise(binaries, place, data, owner);
    if (!(await isRunning(binaries, data, owner))) await start(binaries, place, data, owner);
    holders.enter();
    return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[3]);
  });
  const password = readFileSync(join(place, 'password'), 'utf8').trim();
  const urlOf = (database: string) => `postgresql://orchestrator:${password}@127.0.0.1:${port}/${database}`;
  return {
    async url(database) {
      await createDatabase(urlOf('postgres'), database);
      return urlOf(database);
    },
    close: () =>
      holders.exclusively(async () => {
        if (holders.leave()) return;
        const binaries = await binariesFor(place, owner);
        await run(binaries.pg_ctl, ['-D', join(place, 'data'), '-m', 'fast', '-w', 'stop'], owner).catch(() => {});
      }),
  };
}

/** Whether there is data of a server of `folder`. */
export const hasEmbeddedPostgres = (folder: string): boolean =>
  existsSync(join(placeOf(folder, postgresOwner()), 'data', 'PG_VERSION'));

/** Stops the server of `folder`, whoever started it, and removes its data. */
export async function discardEmbeddedPostgres(folder: string): Promise<void> {
  const owner = postgresOwner();
  const place = placeOf(folder, owner);
  if (existsSync(join(place, 'data', 'postmaster.pid'))) {
    const binaries = await binariesFor(place, owner);
    await run(binaries.pg_ctl, ['-D', join(place, 'data'), '-m', 'immediate', '-w', 'stop'], owner).catch(() => {});
  }
  rmSync(place, { recursive: true, force: true });
}

function placeOf(folder: string, owner: Owner | undefined): string {
  return owner === undefined || reachableByOthers(join(folder, 'data')) ? folder : placeForOthers(folder);
}

/** Root's folders may be closed to the user that Postgres runs as; then the data lives where system services keep theirs. */
function placeForOthers(folder: string): string {
  return join('/var/lib/ai-orchestrator', createHash('sha256').update(folder).digest('hex').slice(0, 16));
}

/** The binaries, where `owner` can reach them: copied below `place` if need be. */
export async function binariesFor(place: string, owner: Owner | undefined): Promise<PostgresBinaries> {
  const binaries = await postgresBinaries();
  if (owner === undefined || reachableByOthers(binaries.postgres)) return binaries;
  const copy = join(place, 'native');
  if (!existsSync(join(copy, 'complete'))) {
    cpSync(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  const at = (name: string) => join(copy, 'bin', name);
  return { initdb: at('initdb'), pg_ctl: at('pg_ctl'), postgres: at('postgres') };
}

/** Makes an empty cluster in `data`, with a random password in `place`/password. */
export async function initialise(
  binaries: PostgresBinaries,
  place: string,
  data: string,
  owner: Owner | undefined,
): Promise<void> {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const password = join(place, 'password');
  writeFileSync(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (owner) for (const path of [data, password]) chownSync(path, owner.uid, owner.gid);
  try {
    // C collation: the same order on every machine. --no-sync: an empty cluster is not worth waiting for.
    await run(
      binaries.initdb,
      [
        '-D',
        data,
        '-U',
        'orchestrator',
        '-A',
        'scram-sha-256',
        `--pwfile=${password}`,
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
      ],
      owner,
    );
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
}

async function isRunning(binaries: PostgresBinaries, data: string, owner: Owner | undefined): Promise<boolean> {
  return run(binaries.pg_ctl, ['-D', data, 'status'], owner).then(
    () => true,
    () => false,
  );
}

async function start(binaries: PostgresBinaries, place: string, data: string, owner: Owner | undefined): Promise<void> {
  const log = join(place, 'postgres.log');
  writeFileSync(log, '', { flag: 'a' });
  if (owner) chownSync(log, owner.uid, owner.gid);
  // A free port may be taken between the look and the start: look again.
  for (let attempt = 1; ; attempt++) {
    const flags = `-h 127.0.0.1 -p ${await freePort()} -c unix_socket_directories= -c max_connections=200 -c shared_buffers=64MB`;
    try {
      await run(binaries.pg_ctl, ['-D', data, '-l', log, '-o', flags, '-w', '-t', '60', 'start'], owner);
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function run(program: string, args: string[], owner: Owner | undefined): Promise<void> {
  const result = await execa(program, args, {
    ...(owner ? { uid: owner.uid, gid: owner.gid } : {}),
    cwd: '/',
    // Nothing of ours, least of all a key, belongs into the server's environment.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    extendEnv: false,
    stdin: 'ignore',
    // Files, not pipes: the server inherits them and would hold a pipe open for ever.
    stdout: 'ignore',
    stderr: program.endsWith('initdb') ? 'pipe' : 'ignore',
    reject: false,
  });
  if (result.exitCode === 0) return;
  const reason = `${program.split('/').at(-1)} ${args.at(-1)} failed: ${result.stderr || result.shortMessage || `exit code ${result.exitCode}`}`;
  if (/No space left/i.test(reason)) throw new AppError('DISK_FULL', { path: args[1] });
  throw new AppError('DATABASE_UNAVAILABLE', { reason: reason.trim() });
}

/** A port of the loopback interface that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    // 42P04: there already; 23505: two processes created it at the same moment.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
}
