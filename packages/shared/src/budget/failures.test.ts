import { setTimeout as delay } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { type Database, openDatabase } from '../db/client.ts';
import { audit } from './audit.ts';
import { BudgetDenied } from './denied.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const USD = 1_000_000_000n;

describe('the ledger on a database that fails', () => {
  let test: TestDatabase;
  const opened: Database[] = [];
  beforeEach(async () => {
    test = await testDatabase();
    await ensureBudget(test.database, [Phase.parse({ name: 'open', limit: { total: '10' } })]);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((db) => db.$disconnect()));
    await test.close();
  });

  const open = (url: string, maxConnections = 2): Database => {
    const db = openDatabase(url, { maxConnections });
    opened.push(db);
    return db;
  };
  const question = (amountNanoUsd = USD) => ({
    attemptId: newAttemptId(),
    budgetIds: ['global'],
    amountNanoUsd,
    deadlineMs: 60_000,
  });
  const window = () => test.database.budgetWindow.findFirstOrThrow();

  it('counts a reservation once whose acknowledgement was lost after the commit, and knows it when asked again', async () => {
    const url = new URL(test.url);
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.host = `127.0.0.1:${proxy.port}`;
    const through = new Ledger(open(url.href), { cushionPerMille: 0 });
    await through.reserve(question());
    const asked = question();
    proxy.swallowAnswers();
    const lost = through.reserve(asked).then(
      () => 'acknowledged',
      () => 'lost',
    );
    while ((await test.database.budgetEntry.count({ where: { attemptId: asked.attemptId } })) === 0) await delay(5);
    proxy.reset();
    expect(await lost).toBe('lost');

    await through.reserve(asked);
    expect(await window()).toMatchObject({ reservedNanoUsd: 2n * USD });

    proxy.swallowAnswers();
    const settled = through.settle({ attemptId: asked.attemptId, chargedNanoUsd: 7n }).catch(() => 'lost');
    while ((await test.database.budgetEntry.count({ where: { attemptId: asked.attemptId, kind: 'settle' } })) === 0)
      await delay(5);
    proxy.reset();
    expect(await settled).toBe('lost');
    expect(await through.settle({ attemptId: asked.attemptId, chargedNanoUsd: 7n })).toMatchObject({
      result: 'duplicate',
    });
    expect(await window()).toMatchObject({ reservedNanoUsd: USD, settledNanoUsd: 7n });
    await proxy.close();
  });

  it('stays exact while its sessions are terminated in the middle of statements', async () => {
    const url = test.url;
    const ledgers = Array.from({ length: 4 }, () => new Ledger(open(url, 4), { cushionPerMille: 0, graceMs: 0 }));
    let running = true;
    const spend = async (ledger: Ledger): Promise<void> => {
      while (running) {
        const asked = question(1_000n);
        // A statement that was cut may have been committed: both calls are repeated until they are answered.
        await insist(() => ledger.reserve(asked));
        await insist(() => ledger.settle({ attemptId: asked.attemptId, chargedNanoUsd: 300n }));
      }
    };
    const insist = async (work: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        const error: unknown = await work().then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) return;
        if (error instanceof BudgetDenied) throw error;
      }
    };
    const workers = ledgers.flatMap((ledger) => [spend(ledger), spend(ledger)]);
    for (let i = 0; i < 40; i++) {
      await delay(25);
      await test.database.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5`;
    }
    running = false;
    await Promise.all(workers);
    const attempts = await test.database.budgetEntry.count({ where: { kind: 'reserve' } });
    expect(attempts).toBeGreaterThan(8);
    expect(await window()).toMatchObject({ reservedNanoUsd: 0n, settledNanoUsd: 300n * BigInt(attempts) });
    expect((await audit(test.database)).problems).toEqual([]);
  });

  it('refuses, and holds nothing, when the database is gone, read-only, locked or out of connections', async () => {
    const nowhere = new URL(test.url);
    nowhere.port = '1';
    await expect(new Ledger(open(nowhere.href)).reserve(question())).rejects.toThrow();

    const name = new URL(test.url).pathname.slice(1);
    await test.database.$executeRawUnsafe(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    await expect(new Ledger(open(test.url)).reserve(question())).rejects.toThrow(/read-only/);
    await test.database.$executeRawUnsafe('SET default_transaction_read_only = off');
    await test.database.$executeRawUnsafe(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);

    const healthy = new Ledger(test.database, { cushionPerMille: 0 });
    await healthy.reserve(question());
    const holder = open(test.url, 1);
    const { promise: release, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: locked, resolve: isLocked } = Promise.withResolvers<void>();
    const holding = holder.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT FROM budget_window FOR UPDATE`;
        isLocked();
        await release;
      },
      { timeout: 30_000 },
    );
    await locked;
    // Both the lock and the only connection are held for longer than anyone waits.
    const waiting = [new Ledger(open(test.url)).reserve(question()), new Ledger(holder).reserve(question())];
    const refused = await Promise.all(
      waiting.map((one) =>
        one.then(
          () => 'held',
          () => 'refused',
        ),
      ),
    );
    letGo();
    await holding;
    expect(refused).toEqual(['refused', 'refused']);
    expect(await window()).toMatchObject({ reservedNanoUsd: USD });
  });
});
