import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type StageHarness, stageHarness } from './stage-harness.ts';

type Options = Parameters<typeof stageHarness>;

/** A database for a file of tests; what a test opens ends with it. */
export function stageScenes() {
  let database: TestDatabase;
  const opened: StageHarness[] = [];
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(() => {
    for (const harness of opened.splice(0)) harness.remove();
  });
  afterAll(() => database.close());
  return {
    get db() {
      return database.database;
    },
    async open(files: Options[1], options?: Options[2]): Promise<StageHarness> {
      const harness = await stageHarness(database.database, files, options);
      opened.push(harness);
      return harness;
    },
  };
}
