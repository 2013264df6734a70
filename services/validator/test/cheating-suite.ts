import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { findToolchains } from '../src/sandbox/toolchains.ts';
import { type StageHarness, stageHarness, verdictOf } from './stage-harness.ts';

const Edit = z.strictObject({ file: z.string(), from: z.string(), to: z.string() });
const Change = z.strictObject({
  /** Texts that are replaced in files of the base; each stands there once. */
  edit: z.array(Edit).default([]),
  /** Files that are written. */
  files: z.record(z.string(), z.string()).default({}),
  delete: z.array(z.string()).default([]),
});
type Change = z.infer<typeof Change>;

const Base = z.strictObject({
  tests: z.number(),
  files: z.record(z.string(), z.string()),
  /** What makes the suite red: part of every cheat. */
  broken: z.array(Edit),
});

/** A change that makes a red suite green by cheating, beside an honest one that looks like it. */
const Case = z.strictObject({
  cheat: z.string(),
  /** Codes that have to be among the findings. */
  caught: z.array(z.string()).min(1),
  /** The cheat stands by itself: the source is not broken. */
  only: z.boolean().default(false),
  ...Change.shape,
  honest: z.string(),
  twin: Change,
});

/** Judges every case of a folder of test/cheating through the real stages: each cheat is caught, each twin passes. */
export function cheatingSuite(project: string, needs: readonly string[]): void {
  const folder = join(import.meta.dirname, 'cheating', project);
  const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));
  const base = Base.parse(read('base.yaml'));
  const names = readdirSync(folder).filter((name) => name !== 'base.yaml');

  describe(`cheating in a ${project} repository`, async () => {
    const { tools } = await findToolchains();
    const missing = needs.filter((tool) => !tools.has(tool));
    const run = test.skipIf(missing.length > 0);
    const why = missing.length > 0 ? ` (skipped: no ${missing.join(', ')} on this machine)` : '';
    let db: TestDatabase;
    let harness: StageHarness;
    beforeAll(async () => {
      if (missing.length > 0) return;
      db = await testDatabase();
      // What others use of it is no question of cheating, and takes long to compare.
      harness = await stageHarness(db.database, base.files, { config: { validate: { publicApi: 'off' } } });
      const outcome = await harness.baseline();
      expect(outcome, JSON.stringify(outcome).slice(0, 3_000)).toMatchObject({
        kind: 'advance',
        artifacts: [{ content: { totals: { passed: base.tests, failed: 0 } } }],
      });
    }, 600_000);
    afterAll(async () => {
      harness?.remove();
      await db?.close();
    });

    describe.each(names.map((name) => ({ name: name.replace('.yaml', ''), ...Case.parse(read(name)) })))(
      '$name',
      (each) => {
        run(
          `is caught: ${each.cheat}${why}`,
          async () => {
            const change = { ...each, edit: [...(each.only ? [] : base.broken), ...each.edit] };
            const verdict = verdictOf(await harness.validate(filesOf(change, base.files)));
            const errors = verdict.findings.filter((finding) => finding.severity === 'error');
            expect(verdict.passed, verdict.feedback).toBe(false);
            expect(
              errors.map((finding) => finding.code),
              verdict.feedback,
            ).toEqual(expect.arrayContaining(each.caught));
          },
          180_000,
        );

        run(
          `passes: ${each.honest}${why}`,
          async () => {
            const verdict = verdictOf(await harness.validate(filesOf(each.twin, base.files)));
            expect(verdict.findings, verdict.feedback).toEqual([]);
            expect(verdict).toMatchObject({ passed: true, run: { totals: { failed: 0 } } });
          },
          180_000,
        );
      },
    );
  });
}

/** Contents by path, as a change set has them; null deletes. */
function filesOf(
  change: Pick<Change, 'edit' | 'files' | 'delete'>,
  base: Record<string, string>,
): Record<string, string | null> {
  const files: Record<string, string | null> = { ...change.files };
  for (const path of change.delete) files[path] = null;
  for (const { file, from, to } of change.edit) {
    if (files[file] === null) continue;
    const text = files[file] ?? base[file] ?? '';
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold this text exactly once: ${from}`);
    files[file] = text.replace(from, () => to);
  }
  return files;
}
