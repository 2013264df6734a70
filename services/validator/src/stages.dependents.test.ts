import type { TestFile } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEPENDENT_MODULES } from '../test/dependent-modules.ts';
import { type StageHarness, stageHarness, verdictOf } from '../test/stage-harness.ts';
import { findToolchains } from './sandbox/toolchains.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const { tools } = await findToolchains();

/** `base` is used by `api`, and that by `web`; nobody uses `lone`, whose test fails. */
describe.each(DEPENDENT_MODULES)(
  'a $name repository of several modules',
  ({ name, needs, files, module, good, bad, failed }) => {
    const missing = needs.filter((tool) => !tools.has(tool));
    let harness: StageHarness | undefined;
    afterAll(() => harness?.remove());

    test.skipIf(missing.length > 0)(
      `tests what needs the task's module, and only that${missing.length > 0 ? ` (skipped: no ${missing.join(', ')} on this machine)` : ''}`,
      async () => {
        harness = await stageHarness(db.database, files as Record<string, TestFile>, { module });
        const baseline = await harness.baseline();
        expect(baseline, JSON.stringify(baseline, null, 1).slice(0, 4_000)).toMatchObject({
          kind: 'advance',
          artifacts: [{ content: { detector: name, totals: { passed: 3, failed: 0 } } }],
        });
        const accepted = verdictOf(await harness.validate(good));
        expect(accepted.findings).toEqual([]);
        expect(accepted).toMatchObject({ passed: true, run: { totals: { passed: 3, failed: 0 } } });

        const refused = verdictOf(await harness.validate(bad));
        expect(refused).toMatchObject({ passed: false, run: { totals: { passed: 1 } } });
        expect(refused.tests.newlyFailed).toEqual(failed);
      },
      600_000,
    );
  },
);
