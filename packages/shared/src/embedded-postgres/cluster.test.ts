import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discardEmbeddedPostgres, openEmbeddedPostgres } from './cluster.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'cluster-')), 'postgres');
});
afterEach(async () => {
  await discardEmbeddedPostgres(folder);
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const HOLDER = `
  const { openEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, 'cluster.ts'))});
  const server = await openEmbeddedPostgres(process.argv[1]);
  process.stdout.write((await server.url('kept')) + '\\n');
  process.stdin.resume();
`;

/** Another process that holds the server until it is killed. */
async function otherProcess(): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the embedded Postgres', () => {
  it('keeps its data when it is stopped and started', async () => {
    const first = await openEmbeddedPostgres(folder);
    await ask(await first.url('kept'), 'CREATE TABLE t (n int); INSERT INTO t VALUES (7)');
    await first.close();
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(false);

    const second = await openEmbeddedPostgres(folder);
    expect(await ask(await second.url('kept'), 'SELECT n FROM t')).toEqual([{ n: 7 }]);
    await second.close();
  });

  it('outlives a process that is killed, and the next one joins it with every committed row', async () => {
    const other = await otherProcess();
    await ask(other.url, 'CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    await other.kill();
    const server = await openEmbeddedPostgres(folder);
    expect(await server.url('kept')).toBe(other.url);
    expect(await ask(other.url, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
    await server.close();
    expect(existsSync(join(folder, 'data', 'postmaster.pid'))).toBe(false);
  });

  it('is stopped by the last process that leaves, not by the first', async () => {
    const server = await openEmbeddedPostgres(folder);
    const other = await otherProcess();
    await server.close();
    expect(await ask(other.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.kill();
  });
});
