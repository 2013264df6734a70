import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { startTestServer } from '../../packages/testkit/src/postgres.ts';
import { partNamed } from './parts.ts';

/** What mutated code looks at, and writes its coverage to. */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}
const mutated: Namespace = {};
Object.assign(globalThis, { __stryker__: mutated });

const TESTS = new URL('./resident-tests.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest' && context.parentURL?.endsWith('.test.ts')
      ? { url: TESTS, shortCircuit: true }
      : next(specifier, context),
});
const { close, load, runTests } = (await import(TESTS)) as typeof import('./resident-tests.ts');

/** Keeps the tests of a part loaded, and runs them against one mutant after the other. */
class ResidentRunner implements TestRunner {
  readonly #part = partNamed(process.env.MUTATION_PART);
  #server: Awaited<ReturnType<typeof startTestServer>> | undefined;
  #loaded = false;

  /** A mutant in code that runs when a module is loaded needs a new process: Stryker starts one. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    if (this.#part.name === 'database') this.#server = await startTestServer();
  }

  async dryRun() {
    await this.#load();
    const tests = await this.#run(undefined, false);
    const { mutantCoverage } = mutated;
    return { status: DryRunStatus.Complete as const, tests, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, disableBail }: MutantRunOptions) {
    if (mutantActivation === 'static') mutated.activeMutant = activeMutant.id;
    await this.#load();
    mutated.activeMutant = activeMutant.id;
    mutated.hitCount = 0;
    mutated.hitLimit = hitLimit;
    const tests = await this.#run(testFilter, !disableBail);
    const endless = determineHitLimitReached(mutated.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  async dispose() {
    await close();
    await this.#server?.stop();
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    const leftOut = new Set(this.#part.leftOut);
    for (const path of this.#part.tests.flatMap((pattern) => globSync(pattern)).sort())
      if (!leftOut.has(path)) await load(resolve(path));
  }

  async #run(ids: readonly string[] | undefined, bail: boolean): Promise<TestResult[]> {
    const started = (id: string | undefined) => {
      mutated.currentTestId = id;
    };
    return (await runTests({ ids, bail, started })).map(({ failure, ...test }) =>
      failure === undefined
        ? { ...test, status: TestStatus.Success }
        : { ...test, status: TestStatus.Failed, failureMessage: failure },
    );
  }
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'resident', () => new ResidentRunner())];
