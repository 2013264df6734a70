import { randomUUID } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, RunEvidence, TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import type { Recipe, RecipeCommand } from './recipe.ts';
import { collectReports, foreignReports, type ReportPlace, removeOldReports } from './reports/collect-reports.ts';
import { printedTests } from './reports/printed-tests.ts';
import { numberRepeats, repeatedAcross } from './reports/test-id.ts';
import { type CommandSetting, runCommand } from './run-commands.ts';

export type ReportEvidence = Omit<RunEvidence, 'changedFiles'>;
export const NO_EVIDENCE: ReportEvidence = { foreignReports: [], repeatedTests: [], printedTests: null };

/** What the test commands gave. */
export interface TestRun {
  readonly commands: readonly CommandResult[];
  readonly tests: readonly TestResult[] | null;
  readonly evidence: ReportEvidence;
}

/** Reports of an earlier run are never read: they are removed, and what is older than the run is left out. */
export async function runTests(
  recipe: Recipe,
  test: readonly RecipeCommand[],
  setting: CommandSetting,
): Promise<TestRun> {
  const place = await freshPlace(recipe, setting);
  await removeOldReports(place);
  const { directory, layout, nonce } = place;
  const reports = join(directory.reports, nonce);
  const commands: CommandResult[] = [];
  const streamed: (readonly TestResult[])[] = [];
  for (const command of test) {
    const { result, parser } = await runCommand(command, { ...setting, layout, directory: { ...directory, reports } });
    commands.push(result);
    const results = parser?.results() ?? null;
    if (results !== null) streamed.push(results);
  }
  const found = [...(await collectReports(place)), ...streamed];
  return {
    commands,
    tests: found.length === 0 ? null : numberRepeats(found.flat()),
    evidence: {
      foreignReports: await foreignReports(place),
      repeatedTests: repeatedAcross(found),
      printedTests: printedTests(commands.map((command) => command.output)),
    },
  };
}

/** A second run that reports more than its runner printed makes no test flaky: it may be the first that was honest. */
export function isBelievable(second: TestRun, first: TestRun): boolean {
  const printed = second.evidence.printedTests;
  if (printed === null) return first.evidence.printedTests === null;
  return (second.tests?.filter((test) => test.status !== 'skipped').length ?? 0) <= printed;
}

/** The folder for reports has another name in each run: no file of a change can be waiting there. */
async function freshPlace(recipe: Recipe, { directory, session, layout }: CommandSetting): Promise<ReportPlace> {
  await directory.freshReports(session.owner);
  const nonce = randomUUID();
  await mkdir(join(directory.reports, nonce));
  if (session.owner !== null) await chown(join(directory.reports, nonce), session.owner.uid, session.owner.gid);
  return {
    directory,
    recipe,
    nonce,
    layout: { ...layout, reports: `${layout.reports}/${nonce}` },
    startedAt: Date.now(),
  };
}
