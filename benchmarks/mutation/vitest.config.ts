import { defineConfig } from 'vitest/config';
import { partNamed } from './parts.ts';

const { name, tests, leftOut } = partNamed(process.env.MUTATION_PART);

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: [...tests],
    exclude: [...leftOut],
    globalSetup: name === 'database' ? ['test/global-setup.ts'] : [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Modules are loaded once for all files of a mutant: most of its time goes into loading them.
    isolate: false,
    maxWorkers: 1,
  },
});
