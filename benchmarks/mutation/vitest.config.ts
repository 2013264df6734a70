import { defineConfig } from 'vitest/config';

/** The tests of the budget that are quick enough to run against every mutant. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['packages/shared/src/budget/*.test.ts'],
    exclude: ['**/time.test.ts', '**/failures.test.ts', '**/ledger-model.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
