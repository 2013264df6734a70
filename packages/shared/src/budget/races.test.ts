import { type BudgetDatabase, budgetDatabase } from '@orchestrator/testkit/budget-database.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { type Database, openDatabase } from '../db/client.ts';
import { audit } from './audit.ts';
import { BudgetDenied } from './denied.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { ensureBudget } from './phases.ts';

const POOLS = 4;
const WRITERS = 64;

describe('many writers at once', () => {
  let test: BudgetDatabase;
  let pools: Database[];
  beforeAll(async () => {
    test = await budgetDatabase();
    pools = Array.from({ length: POOLS }, () => openDatabase(test.url, { maxConnections: WRITERS / POOLS }));
  });
  afterAll(async () => {
    await Promise.all(pools.map((db) => db.$disconnect()));
    await test.close();
  });
  beforeEach(() => test.empty('2026-03-01T08:00:00Z'));

  const ledgerOf = (writer: number) => new Ledger(pools[writer % POOLS] as Database, { cushionPerMille: 0 });
  const reserve = async (writer: number, amountNanoUsd: bigint): Promise<string> => {
    const attemptId = newAttemptId();
    await ledgerOf(writer).reserve({ attemptId, budgetIds: ['global'], amountNanoUsd, deadlineMs: 60_000 });
    return attemptId;
  };
  const windows = () => test.database.budgetWindow.findMany();

  it('open one window and share it to the last nano-dollar that fits', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'race', limit: { perDay: '0.000001000' } })]);
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, (_, writer) =>
        reserve(writer, 30n).then(
          () => 'held',
          (error: { kind: string }) => error.kind,
        ),
      ),
    );
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(33);
    expect(answers.filter((answer) => answer === 'WAIT_SETTLING')).toHaveLength(31);
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 990n }]);
  });

  it('begin the budget once, while they open its window', async () => {
    const phases = [Phase.parse({ name: 'steady', limit: { perDay: '0.50' } })];
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        await ensureBudget(pools[writer % POOLS] as Database, phases);
        const attemptId = await reserve(writer, 1n);
        await ledgerOf(writer).settle({ attemptId, chargedNanoUsd: 1n });
      }),
    );
    expect(await windows()).toMatchObject([{ settledNanoUsd: BigInt(WRITERS), reservedNanoUsd: 0n }]);
    expect(await test.database.budgetPhase.count()).toBe(1);
  });

  it('stay within the limit while they reserve and end, and what is denied is denied as money', async () => {
    await ensureBudget(test.database, [Phase.parse({ name: 'steady', limit: { perDay: '0.50' } })]);
    const spent = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        try {
          const attemptId = await reserve(i, 10_000_000n);
          await ledgerOf(i).settle({ attemptId, chargedNanoUsd: BigInt(1 + ((i * 7919) % 10_000_000)) });
          return 1;
        } catch (error) {
          expect(error).toBeInstanceOf(BudgetDenied);
          return 0;
        }
      }),
    );
    const entries = await test.database.budgetEntry.aggregate({ _sum: { chargedNanoUsd: true } });
    expect(await windows()).toMatchObject([{ reservedNanoUsd: 0n, settledNanoUsd: entries._sum.chargedNanoUsd }]);
    expect(spent.reduce<number>((sum, one) => sum + one, 0)).toBeGreaterThan(49);
    expect((await audit(test.database)).problems).toEqual([]);
  });
});
