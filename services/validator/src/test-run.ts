import { randomUUID } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, RunEvidence, TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import type { Recipe, RecipeCommand } from './recipe.ts';
import { collectReports, foreignReports, type ReportPlace, removeOldReports } from './reports/collect-reports.ts';
import { printedTests } from './reports/printed-tests.ts';
import { numberRepeats, repeatedAcross } from './reports/test-id.ts';
import { type CommandSetting, runCommand, succeeded } from './run-commands.ts';

export type ReportEvidence = Omit<RunEvidence, 'changedFiles'>;
export const NO_EVIDENCE: ReportEvidence = {
  foreignReports: [],
  repeatedTests: [],
  printedTests: null,
  commandsWithoutPass: [],
};

/** What the test commands gave. */
export interface TestRun {
  readonly commands: readonly CommandResult[];
  readonly tests: readonly TestResult[] | null;
  readonly evidence: ReportEvidence;
}

/**
 * Reports of an earlier run are never read: they are removed, and what is older than the run is left out. Each command has
 * a folder of its own for reports, and its tests carry its folder where several commands run: runners of two packages
 * name both alike.
 */
export async function runTests(
  recipe: Recipe,
  test: readonly RecipeCommand[],
  setting: CommandSetting,
): Promise<TestRun> {
  const reportsOf = (own: boolean): Recipe => ({
    ...recipe,
    reports: recipe.reports.filter(({ glob }) => glob.startsWith('{reports}/') === own),
  });
  const workspace = placeOf(reportsOf(false), setting, '');
  await removeOldReports(workspace);
  const commands: CommandResult[] = [];
  const found: (readonly TestResult[])[] = [];
  const foreign: string[] = [];
  const commandsWithoutPass: number[] = [];
  let passedBefore = 0;
  for (const command of test) {
    const place = await freshPlace(reportsOf(true), setting);
    const reports = join(place.directory.reports, place.nonce);
    const { result, parser } = await runCommand(command, {
      ...setting,
      layout: place.layout,
      directory: { ...place.directory, reports },
    });
    commands.push(result);
    const printed = parser?.results() ?? null;
    const given = [...(await collectReports(place)), ...(printed === null ? [] : [printed])];
    found.push(...given.map((results) => (recipe.test.length > 1 ? inFolder(command.cwd, results) : results)));
    foreign.push(...(await foreignReports(place)));
    if (test.length === 1 && succeeded(result)) continue;
    // Whose results a report in the workspace holds is only told by when it appeared.
    const passedNow = passedIn([...found, ...(await collectReports(workspace))]);
    if (!succeeded(result) && passedNow === passedBefore) commandsWithoutPass.push(commands.length - 1);
    passedBefore = passedNow;
  }
  found.push(...(await collectReports(workspace)));
  return {
    commands,
    tests: found.length === 0 ? null : numberRepeats(found.flat()),
    evidence: {
      foreignReports: foreign,
      repeatedTests: repeatedAcross(found),
      printedTests: printedTests(commands.map((command) => command.output)),
      commandsWithoutPass,
    },
  };
}

/** Runners that name files from the root need no folder before them. */
const inFolder = (folder: string, results: readonly TestResult[]): readonly TestResult[] =>
  folder === ''
    ? results
    : results.map((result) =>
        result.id.startsWith(`${folder}/`) ? result : { ...result, id: `${folder} > ${result.id}` },
      );

const passedIn = (found: readonly (readonly TestResult[])[]): number =>
  found.flat().filter((test) => test.status === 'passed').length;

/** A second run that reports more than its runner printed makes no test flaky: it may be the first that was honest. */
export function isBelievable(second: TestRun, first: TestRun): boolean {
  const printed = second.evidence.printedTests;
  if (printed === null) return first.evidence.printedTests === null;
  return (second.tests?.filter((test) => test.status !== 'skipped').length ?? 0) <= printed;
}

/** The folder for reports has another name for each command: no file of a change can be waiting there. */
async function freshPlace(recipe: Recipe, setting: CommandSetting): Promise<ReportPlace> {
  const { directory, session } = setting;
  await directory.freshReports(session.owner);
  const nonce = randomUUID();
  await mkdir(join(directory.reports, nonce));
  if (session.owner !== null) await chown(join(directory.reports, nonce), session.owner.uid, session.owner.gid);
  return placeOf(recipe, setting, nonce);
}

const placeOf = (recipe: Recipe, { directory, layout }: CommandSetting, nonce: string): ReportPlace => ({
  directory,
  recipe,
  nonce,
  layout: { ...layout, reports: `${layout.reports}/${nonce}` },
  startedAt: Date.now(),
});
