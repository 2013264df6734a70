import { afterEach, describe, expect, it } from 'vitest';
import { type ModelStage, openModelStage } from '../../test/model-stage.ts';
import { Ledger, newAttemptId } from '../budget/ledger.ts';
import { type Database, openDatabase } from '../db/client.ts';

describe('the model client, when the database fails', () => {
  let stage: ModelStage;
  const opened: Database[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((db) => db.$disconnect()));
    await stage.close();
  });

  const open = (url: string, maxConnections = 2): Database => {
    const db = openDatabase(url, { maxConnections });
    opened.push(db);
    return db;
  };
  /** Asks through `db`, and through `ledgerDb` where the two differ. */
  const askThrough = (db: Database, ledgerDb = db) => stage.ask(undefined, { db, ledger: new Ledger(ledgerDb) });
  const sent = () => stage.openai.requests.length + stage.anthropic.requests.length;

  it('sends nothing where the database is gone, for its rows or only for the ledger', async () => {
    stage = await openModelStage({ text: 'Hello.' });
    const url = new URL(stage.test.url);
    url.port = '1';
    await expect(askThrough(open(url.href))).rejects.toThrow();
    await expect(askThrough(stage.test.database, open(url.href))).rejects.toThrow();
    expect(sent()).toBe(0);
    expect(await stage.entries()).toEqual([]);
  });

  it('sends nothing where the database takes no writes', async () => {
    stage = await openModelStage({ text: 'Hello.' });
    const name = new URL(stage.test.url).pathname.slice(1);
    await stage.test.database.$executeRawUnsafe(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    const readOnly = open(stage.test.url);
    await expect(askThrough(readOnly)).rejects.toThrow();
    await expect(askThrough(stage.test.database, readOnly)).rejects.toThrow(/read-only/);
    expect(sent()).toBe(0);
  });

  it('sends nothing while the window is locked, or no connection is free, for longer than anyone waits', async () => {
    stage = await openModelStage({ text: 'Hello.' });
    const holder = open(stage.test.url, 1);
    await stage.ask();
    const before = sent();
    const locked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = holder.$transaction(
      async (tx) => {
        await tx.$executeRaw`SELECT FROM budget_window FOR UPDATE`;
        locked.resolve();
        await release.promise;
      },
      { timeout: 60_000 },
    );
    await locked.promise;
    const asked = [askThrough(open(stage.test.url)), askThrough(stage.test.database, holder)];
    const ends = await Promise.all(
      asked.map((one) =>
        one.then(
          () => 'answered',
          () => 'refused',
        ),
      ),
    );
    release.resolve();
    await holding;
    expect(ends).toEqual(['refused', 'refused']);
    expect(sent()).toBe(before);
    expect(await stage.window()).toMatchObject({ reservedNanoUsd: 0n });
  });

  it('sends nothing without money, whatever the question', async () => {
    stage = await openModelStage({ text: 'Hello.' }, { limitUsd: '0.001' });
    await expect(stage.ask()).rejects.toMatchObject({ code: 'BUDGET_NEVER_FITS' });
    const ledger = new Ledger(stage.test.database);
    const attemptId = newAttemptId();
    await ledger.reserve({
      attemptId,
      budgetIds: stage.options.budgetIds,
      amountNanoUsd: 900_000n,
      deadlineMs: 60_000,
    });
    await expect(
      stage.ask({ role: 'coder', system: '', messages: [{ role: 'user', content: 'x' }], maxOutputTokens: 20 }),
    ).rejects.toMatchObject({ kind: 'WAIT_SETTLING' });
    expect(sent()).toBe(0);
  });
});
