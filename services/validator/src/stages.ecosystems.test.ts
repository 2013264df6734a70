import type { TestFile } from '@orchestrator/testkit/git/test-repository.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ECOSYSTEMS } from '../test/ecosystems.ts';
import { type StageHarness, stageHarness, verdictOf } from '../test/stage-harness.ts';
import { findToolchains } from './sandbox/toolchains.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const { tools } = await findToolchains();

describe.each(ECOSYSTEMS)('a $name repository', ({ name, needs, files, passed, good, bad, broken }) => {
  const missing = needs.filter((tool) => !tools.has(tool));
  let harness: StageHarness | undefined;
  afterAll(() => harness?.remove());

  test.skipIf(missing.length > 0)(
    `is built and tested, and its changes are judged${missing.length > 0 ? ` (skipped: no ${missing.join(', ')} on this machine)` : ''}`,
    async () => {
      harness = await stageHarness(db.database, files as Record<string, TestFile>);
      const baseline = await harness.baseline();
      expect(baseline, JSON.stringify(baseline, null, 1).slice(0, 4_000)).toMatchObject({
        kind: 'advance',
        artifacts: [{ content: { detector: name, totals: { passed, failed: 0 } } }],
      });
      const accepted = verdictOf(await harness.validate(good.change));
      expect(accepted.findings).toEqual([]);
      expect(accepted).toMatchObject({ passed: true, run: { totals: { passed: passed + good.added, failed: 0 } } });

      const refused = verdictOf(await harness.validate(bad.change));
      expect(refused.passed).toBe(false);
      expect(refused.tests.newlyFailed).toEqual(bad.failed);
      expect(refused.findings[0]).toMatchObject({ check: 'test', code: 'TEST_FAILED', ...bad.place });

      const unbuildable = verdictOf(await harness.validate(broken.change));
      expect(unbuildable).toMatchObject({ passed: false });
      expect(unbuildable.findings[0]).toMatchObject(broken.finding);
    },
    600_000,
  );
});
