import { randomUUID } from 'node:crypto';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { audit } from '../budget/audit.ts';
import { GLOBAL_BUDGET } from '../budget/budget-ids.ts';
import { Ledger, newAttemptId } from '../budget/ledger.ts';
import { ensureBudget } from '../budget/phases.ts';
import type { Database } from '../db/client.ts';
import { openDatabase } from '../db/client.ts';
import { type Dump, dumpDatabase, sha256 } from './dump.ts';
import { loadDatabase } from './load.ts';

const ORIGIN = { branch: 'orchestrator-state', commit: 'c'.repeat(40) };

async function filled() {
  const opened = await testDatabase();
  onTestFinished(opened.close);
  const db = opened.database;
  await ensureBudget(db, OrchestratorConfig.parse({}).budget.phases);
  const ledger = new Ledger(db);
  const settled = newAttemptId();
  const open = newAttemptId();
  for (const attemptId of [settled, open])
    await ledger.reserve({
      attemptId,
      budgetIds: [GLOBAL_BUDGET],
      amountNanoUsd: 9_007_199_254_740_993n / 1_000_000n,
      deadlineMs: 60_000,
      detail: { text: 'back\\slash "quote" \u{1f600}\nline' },
    });
  await ledger.settle({ attemptId: settled, chargedNanoUsd: 1n });
  const seeded = await seedRun(db, { stage: 'code' });
  await db.task.update({
    where: { id: seeded.taskId },
    data: { body: 'a\\nb\n\t"c" \u2028 \\u0041', criteria: ['one, two', '{"x"}', ''], dependsOn: [] },
  });
  await db.lesson.create({ data: { text: 'A lesson', weight: 0.1 + 0.2, key: 'k', evidence: [{ n: 1 }] } });
  await db.event.create({ data: { type: 'run.started', runId: seeded.runId, data: { big: 9_007_199_254_740_991 } } });
  await db.setting.create({ data: { key: 'a.setting', value: 'text' } });
  await db.worker.create({ data: { id: 'gone', service: 'coder', version: '0' } });
  return { ...opened, db, seeded, open };
}

/** A database without anything in it. */
async function emptyDatabase(): Promise<string> {
  const adminUrl = process.env.ORCHESTRATOR_TEST_POSTGRES as string;
  const name = `test_${process.pid}_${randomUUID().slice(0, 8)}`;
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin(`CREATE DATABASE ${name}`);
  onTestFinished(() => admin(`DROP DATABASE ${name} WITH (FORCE)`));
  return adminUrl.replace(/\/admin$/, `/${name}`);
}

async function loaded(dump: Dump): Promise<{ url: string; db: Database }> {
  const url = await emptyDatabase();
  await loadDatabase(url, dump, ORIGIN);
  const db = openDatabase(url);
  onTestFinished(() => db.$disconnect());
  return { url, db };
}

describe('a dump of the database', () => {
  it('gives back every row, to the last digit, and the rules with it', async () => {
    const { url, open } = await filled();
    const dump = await dumpDatabase(url);
    const copy = await loaded(dump);

    expect(await dumpDatabase(copy.url)).toEqual(dump);
    expect((await audit(copy.db)).problems).toEqual([]);
    // It can be worked on: numbers go on after the last, history is fixed, a hold of the other machine ends here.
    expect((await new Ledger(copy.db).settle({ attemptId: open, chargedNanoUsd: 7n })).result).toBe('ended');
    await seedRun(copy.db);
    expect((await audit(copy.db)).problems).toEqual([]);
    await expect(copy.db.$executeRaw`UPDATE budget_entry SET charged_nano_usd = 0`).rejects.toThrow('append-only');
  });

  it('is the same text for the same rows, and leaves processes out', async () => {
    const { url } = await filled();
    const [one, two] = [await dumpDatabase(url), await dumpDatabase(url)];
    expect(one).toEqual(two);
    expect([...one.tables.keys()]).toContain('budget_entry');
    expect([...one.tables.keys()]).not.toContain('worker');
    expect([...one.tables.keys()]).not.toContain('_prisma_migrations');
  });

  it('leaves out what was asked of a model once the stage has ended, and keeps what it cost', async () => {
    const { url, db, seeded } = await filled();
    const call = (id: string, endedAt: Date | null) =>
      db.modelCall.create({
        data: {
          id,
          runId: seeded.runId,
          stageRunId: seeded.stageRunId,
          role: 'coder',
          ordinal: 1,
          requestHash: 'hash',
          provider: 'openai',
          model: 'm',
          request: { long: 'question' },
          response: { long: 'answer' },
          costNanoUsd: 5n,
          endedAt,
        },
      });
    await call(randomUUID(), new Date());
    const old = randomUUID();
    await call(old, new Date(Date.now() - 40 * 86_400_000));
    const rows = async () => {
      const text = (await dumpDatabase(url)).tables.get('model_call') as string;
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    expect(new Set((await rows()).map((row) => JSON.stringify(row.request)))).toEqual(new Set(['{"long":"question"}']));
    await db.stageRun.update({ where: { id: seeded.stageRunId }, data: { endedAt: new Date(), state: 'succeeded' } });
    for (const row of await rows()) {
      expect(row).toMatchObject({ request: {}, request_hash: 'hash', cost_nano_usd: 5 });
      expect(row.response).toEqual(row.id === old ? null : { long: 'answer' });
    }
  });
});

describe('a dump that cannot be used', () => {
  const dumped = async () => dumpDatabase((await filled()).url);
  const refused = async (dump: Dump) => {
    const url = await emptyDatabase();
    return loadDatabase(url, dump, ORIGIN).then(
      () => expect.fail('it was loaded'),
      (error: unknown) => error,
    );
  };

  it.each([
    [
      'a table is missing',
      (tables: Map<string, string>) => void tables.delete('budget_entry'),
      'budget_entry.jsonl is missing',
    ],
    [
      'a row was changed',
      (tables: Map<string, string>) => void tables.set('budget', '{}\n'),
      'budget.jsonl is not what ledger.json says',
    ],
    [
      'a table was added',
      (tables: Map<string, string>) => void tables.set('more', ''),
      'does not name tables/more.jsonl',
    ],
  ])('says so where %s', async (_, change, problem) => {
    const dump = await dumped();
    const tables = new Map(dump.tables);
    change(tables);
    const error = await refused({ ...dump, tables });
    expect(error).toMatchObject({ code: 'STATE_CORRUPT', message: expect.stringContaining(problem) });
  });

  it('says so where rows break a rule, and leaves none behind', async () => {
    const dump = await dumped();
    const window = (dump.tables.get('budget_window') as string).replace(/"limit_nano_usd": \d+/, '"limit_nano_usd": 1');
    const tables = new Map(dump.tables).set('budget_window', window);
    const manifest = {
      ...dump.manifest,
      tables: dump.manifest.tables.map((table) =>
        table.name === 'budget_window' ? { ...table, sha256: sha256(window) } : table,
      ),
    };
    const url = await emptyDatabase();
    await expect(loadDatabase(url, { manifest, tables }, ORIGIN)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining('budget_window_limit'),
    });
    const db = openDatabase(url);
    onTestFinished(() => db.$disconnect());
    expect(await db.budget.count()).toBe(0);
  });

  it('says so where a newer program wrote it', async () => {
    const dump = await dumped();
    const migrations = [...dump.manifest.migrations, { name: '9999_later', checksum: 'x' }];
    expect(await refused({ ...dump, manifest: { ...dump.manifest, migrations } })).toMatchObject({
      code: 'STATE_VERSION',
      message: expect.stringContaining('9999_later'),
    });
  });
});

it('is taken at the version that wrote it, and brought to ours', async () => {
  const { url } = await filled();
  const dump = await dumpDatabase(url);
  // As it was before the last migration that only adds a table of its own.
  const older = dump.manifest.migrations.filter(({ name }) => name <= '0011');
  const known = ['budget', 'budget_phase', 'budget_window', 'budget_entry', 'setting'];
  const manifest = {
    ...dump.manifest,
    migrations: older,
    sequences: { budget_entry_id_seq: dump.manifest.sequences.budget_entry_id_seq as string },
    tables: dump.manifest.tables.filter(({ name }) => known.includes(name)),
  };
  const copy = await loaded({
    manifest,
    tables: new Map(known.map((name) => [name, dump.tables.get(name) as string])),
  });
  expect(older.length).toBeLessThan(dump.manifest.migrations.length);
  const after = await dumpDatabase(copy.url);
  expect(after.manifest.migrations).toEqual(dump.manifest.migrations);
  expect(after.tables.get('budget_entry')).toBe(dump.tables.get('budget_entry'));
});
