import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSystem, type System } from '../../packages/embedded/src/open-system.ts';
import { sink } from '../../packages/shared/src/boot/logger.ts';
import { audit } from '../../packages/shared/src/budget/audit.ts';
import { GLOBAL_BUDGET } from '../../packages/shared/src/budget/budget-ids.ts';
import { Ledger, newAttemptId } from '../../packages/shared/src/budget/ledger.ts';
import { ensureBudget } from '../../packages/shared/src/budget/phases.ts';
import { readEnvironment } from '../../packages/shared/src/config/environment.ts';
import { OrchestratorConfig } from '../../packages/shared/src/config/schema.ts';
import { type Database, openDatabase } from '../../packages/shared/src/db/client.ts';
import { migrate, requireMigrated } from '../../packages/shared/src/db/migrate.ts';
import { freePort } from '../../packages/shared/src/embedded-postgres/cluster.ts';
import { postgresOwner } from '../../packages/shared/src/embedded-postgres/owner.ts';
import { seedRun } from '../../packages/testkit/src/seed-run.ts';

/** docs/operations.md, Backup: what is said there is done here. */
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  // Postgres of the tests of root runs as another user.
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function spend(db: Database, amountNanoUsd: bigint): Promise<void> {
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  const attemptId = newAttemptId();
  await ledger.reserve({ attemptId, budgetIds: [GLOBAL_BUDGET], amountNanoUsd, deadlineMs: 60_000 });
  await ledger.settle({ attemptId, chargedNanoUsd: amountNanoUsd });
}

/** Money spent, money in flight, and a run with its stage. */
async function fill(db: Database): Promise<void> {
  await ensureBudget(db, OrchestratorConfig.parse({}).budget.phases, GLOBAL_BUDGET);
  await spend(db, 1_500_000_000n);
  const attemptId = newAttemptId();
  const hold = { attemptId, budgetIds: [GLOBAL_BUDGET], amountNanoUsd: 250_000_000n, deadlineMs: 3_600_000 };
  await new Ledger(db, { cushionPerMille: 0 }).reserve(hold);
  await seedRun(db, { stage: 'code' });
}

const contents = async (db: Database) => ({
  runs: await db.run.findMany({ orderBy: { id: 'asc' } }),
  stageRuns: await db.stageRun.findMany({ orderBy: { id: 'asc' } }),
  outbox: await db.outbox.findMany({ orderBy: { stageRunId: 'asc' } }),
  entries: await db.budgetEntry.findMany({ orderBy: { id: 'asc' } }),
  windows: await db.budgetWindow.findMany({ orderBy: { id: 'asc' } }),
});

/** It is what it was, its ledger holds, and it can be worked on: rules and sequences are there too. */
async function expectRestored(db: Database, before: Awaited<ReturnType<typeof contents>>): Promise<void> {
  expect(await contents(db)).toEqual(before);
  expect(before.entries.length).toBeGreaterThan(2);
  expect((await audit(db)).problems).toEqual([]);
  await spend(db, 1_000_000n);
  await seedRun(db);
  expect((await audit(db)).problems).toEqual([]);
  await expect(db.$executeRaw`UPDATE budget_entry SET charged_nano_usd = 0`).rejects.toThrow();
}

describe('a backup of the embedded database', () => {
  it('is a copy of its folder while nothing runs', { timeout: 180_000 }, async () => {
    const home = join(folder, 'home');
    const env = readEnvironment({ ORCHESTRATOR_HOME: home }, folder);
    const open = (): Promise<System> => openSystem({ env, log: sink().log });
    let system = await open();
    await fill(system.db);
    const before = await contents(system.db);
    await system.close();
    const database = join(home, 'postgres');
    expect(existsSync(join(database, 'data', 'PG_VERSION'))).toBe(true);
    await run('cp', ['--archive', database, join(folder, 'copy')]);

    system = await open();
    await spend(system.db, 9_000_000n);
    await system.close();
    rmSync(database, { recursive: true });
    await run('cp', ['--archive', join(folder, 'copy'), database]);

    system = await open();
    try {
      await expectRestored(system.db, before);
    } finally {
      await system.close();
    }
  });
});

const [serverBinaries] = globSync('/usr/lib/postgresql/*/bin')
  .filter((bin) => existsSync(join(bin, 'pg_dump')))
  .sort()
  .reverse();

describe.skipIf(serverBinaries === undefined)('a backup by pg_dump (skipped where no Postgres is installed)', () => {
  const at = (program: string) => join(serverBinaries as string, program);
  const owner = postgresOwner();
  const asOwner = owner ? { uid: owner.uid, gid: owner.gid } : {};
  let data: string;
  let adminUrl: string;
  beforeAll(async () => {
    const place = join(folder, 'server');
    data = join(place, 'data');
    const password = join(place, 'password');
    mkdirSync(data, { recursive: true });
    writeFileSync(password, 'a-password', { mode: 0o600 });
    if (owner) for (const path of [place, data, password]) chownSync(path, owner.uid, owner.gid);
    const settings = ['-U', 'orchestrator', '-A', 'scram-sha-256', `--pwfile=${password}`, '-E', 'UTF8', '--no-sync'];
    await run(at('initdb'), ['-D', data, ...settings], asOwner);
    const port = await freePort();
    const flags = `-h 127.0.0.1 -p ${port} -c unix_socket_directories=`;
    const log = join(place, 'log');
    await run(at('pg_ctl'), ['-D', data, '-l', log, '-o', flags, '-w', '-t', '60', 'start'], asOwner);
    adminUrl = `postgresql://orchestrator:a-password@127.0.0.1:${port}`;
  });
  afterAll(() => run(at('pg_ctl'), ['-D', data, '-m', 'fast', '-w', 'stop'], asOwner));

  it('restores into an empty database, at the version of the program', { timeout: 180_000 }, async () => {
    const [live, restored] = ['live', 'restored'].map((name) => `${adminUrl}/${name}`) as [string, string];
    await run(at('createdb'), ['--maintenance-db', `${adminUrl}/postgres`, 'live']);
    await migrate(live);
    const db = openDatabase(live);
    await fill(db);
    const before = await contents(db);
    const file = join(folder, 'orchestrator.dump');
    await run(at('pg_dump'), ['--format=custom', `--file=${file}`, live]);
    await spend(db, 9_000_000n);
    await db.$disconnect();

    await run(at('createdb'), ['--maintenance-db', `${adminUrl}/postgres`, 'restored']);
    await run(at('pg_restore'), ['--exit-on-error', `--dbname=${restored}`, file]);
    await requireMigrated(restored);
    const again = openDatabase(restored);
    try {
      await expectRestored(again, before);
    } finally {
      await again.$disconnect();
    }
  });
});
