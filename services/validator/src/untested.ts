import type { CheckRun, CommandResult, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { commandFindings } from './findings/command-findings.ts';
import { succeeded } from './run-commands.ts';

/**
 * What a run does not show, though nothing in it is worse than at the base commit: what stops before any test, or stops the
 * tests themselves, says nothing about the change even if it stopped there before. Pure.
 */
export function untested(head: CheckRun): Finding[] {
  const tests = head.commands.filter((command) => command.step === 'test');
  const stopped = head.commands.filter(
    (command) =>
      !succeeded(command) && (command.step !== 'test' || showsNothing(command, tests.indexOf(command), head)),
  );
  if (stopped.length > 0) return stopped.map(notTested);
  const executed = head.tests?.some((test) => test.status !== 'skipped') ?? head.evidence?.printedTests !== 0;
  return tests.length > 0 && executed ? [] : [NOTHING_TESTED];
}

/** A failed test command proves as much as the tests that passed in it; none, or one that was cut short, proves nothing. */
const showsNothing = (command: CommandResult, index: number, head: CheckRun): boolean =>
  command.ended !== 'exit' ||
  (head.evidence?.commandsWithoutPass ?? []).includes(index) ||
  !(head.tests ?? []).some((test) => test.status === 'passed');

const notTested = (command: CommandResult): Finding => ({
  check: command.step,
  code: 'NOT_TESTED',
  severity: 'error',
  message: `The change could not be tested: \`${command.argv.join(' ').slice(0, 120)}\` fails as it does at the base commit${command.step === 'test' ? ', and no test of it passes' : ''}.\n${commandFindings(command)[0]?.message ?? ''}`,
});

/** A repository without tests may still be worked on; who reviews has to know. */
const NOTHING_TESTED: Finding = {
  check: 'test',
  code: 'NOTHING_TESTED',
  severity: 'warning',
  message:
    'No test was executed, neither before the change nor with it: only the exit codes of the commands speak for it.',
};
