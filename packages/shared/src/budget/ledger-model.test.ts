import { anyConfig, commands, configure, modelLedger } from '@orchestrator/testkit/budget-model/commands.ts';
import { BudgetModel } from '@orchestrator/testkit/budget-model/model.ts';
import { controlClock, type DatabaseClock } from '@orchestrator/testkit/database-clock.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../db/client.ts';
import { audit } from './audit.ts';
import type { Ledger } from './ledger.ts';

/** More: BUDGET_MODEL_RUNS=20000 vitest run packages/shared/src/budget/ledger-model.test.ts */
const RUNS = Number(process.env.BUDGET_MODEL_RUNS ?? 150);
const COMMANDS_PER_RUN = 60;
const YEAR_MS = 365 * 86_400_000;

/** What is left in flight would be reaped in the next run. */
async function releaseAll(db: Database, ledger: Ledger, budgetId: string): Promise<void> {
  const held = await db.budgetEntry.findMany({ where: { kind: 'reserve', window: { budgetId } } });
  for (const { attemptId } of held) await ledger.release({ attemptId });
}

describe('the ledger beside a model of it', () => {
  let test: TestDatabase;
  let clock: DatabaseClock;
  beforeAll(async () => {
    test = await testDatabase();
    clock = await controlClock(test.database, '2000-01-01T00:00:00Z');
  });
  afterAll(() => test.close());

  it(
    'does the same through any sequence of calls, lost answers, crashes, clock jumps and configuration changes',
    async () => {
      const ledger = modelLedger(test.database);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          anyConfig,
          fc.integer({ min: 0, max: 86_399_999 }),
          commands(COMMANDS_PER_RUN),
          async (config, timeOfDay, list) => {
            // Every run is a budget of its own, later than all before it: time does not run backwards in one database.
            run += 1;
            const start = Date.UTC(2001, 0, 1) + run * YEAR_MS * 0.3 + timeOfDay;
            const at = Math.floor(start);
            await clock.set(new Date(at));
            const budgetId = `model:${run}`;
            await configure(test.database, budgetId, config);
            const setup = () => ({
              model: new BudgetModel(config, at),
              real: { db: test.database, clock, budgetId, ledger },
            });
            await fc.asyncModelRun(setup, list).finally(() => releaseAll(test.database, ledger, budgetId));
          },
        ),
        { numRuns: RUNS },
      );
      expect(
        (await audit(test.database)).problems.filter((problem) => !problem.invariant.startsWith('I9 nothing')),
      ).toEqual([]);
    },
    RUNS * 20_000,
  );
});
