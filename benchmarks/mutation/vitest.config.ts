import { defineConfig } from 'vitest/config';

/**
 * The tests of the budget that are run against every mutant: those that are quick and say the same each time. Races,
 * time zones, failing databases and random sequences are not: they would only make the figure larger and less sure.
 */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['packages/shared/src/budget/*.test.ts'],
    exclude: ['**/time.test.ts', '**/failures.test.ts', '**/ledger-model.test.ts', '**/races.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    isolate: false,
  },
});
