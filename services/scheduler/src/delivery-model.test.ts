import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { comeToAnEnd, commands } from '../test/delivery-model/commands.ts';
import { DeliveryModel } from '../test/delivery-model/model.ts';
import { openReal } from '../test/delivery-model/real.ts';
import { republishAfterWipe } from './sweeper/wipe.ts';

/**
 * More: DELIVERY_MODEL_RUNS=5000 npm test -- services/scheduler/src/delivery-model.test.ts
 * A failure names its seed; DELIVERY_MODEL_SEED and DELIVERY_MODEL_PATH run it again.
 */
const RUNS = Number(process.env.DELIVERY_MODEL_RUNS ?? 25);
const SEED = process.env.DELIVERY_MODEL_SEED;
const PATH = process.env.DELIVERY_MODEL_PATH;
const COMMANDS_PER_RUN = 100;
/** Two repositories, three runs. */
const REPOSITORY_OF = [0, 0, 1];

describe('delivery beside a model of it', () => {
  let test: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    test = await testDatabase();
    client = new pg.Client({ connectionString: test.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await test.close();
  });

  it(
    'does the same under any schedule of messages, crashes, wipes, pauses and people, and every run comes to an end',
    async () => {
      await fc.assert(
        fc.asyncProperty(commands(COMMANDS_PER_RUN), async (list) => {
          const model = new DeliveryModel(REPOSITORY_OF);
          const real = await openReal(test.database, client, REPOSITORY_OF);
          await republishAfterWipe(test.database, real.network);
          await fc.asyncModelRun(() => ({ model, real }), list);
          await comeToAnEnd(real);
        }),
        {
          numRuns: RUNS,
          ...(SEED === undefined ? {} : { seed: Number(SEED) }),
          ...(PATH === undefined ? {} : { path: PATH }),
        },
      );
    },
    RUNS * 30_000,
  );
});
