import type { CheckRun } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { defineStage, type StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { commandFindings } from './findings/command-findings.ts';
import { isGreen, obtainBaseline, planRun } from './plan.ts';
import { succeeded } from './run-commands.ts';
import type { SandboxChoice } from './sandbox/choose-sandbox.ts';

const TIMEOUT_MS = 2 * 60 * 60_000;

/**
 * Builds and tests the base commit before any money is spent. Its results are what a change is compared with. Throws
 * SANDBOX_UNAVAILABLE (the stage waits), NO_COMMANDS, TOOL_MISSING.
 */
export const baselineStage = (choice: SandboxChoice = {}): StageDefinition =>
  defineStage({
    stage: 'baseline',
    timeoutMs: TIMEOUT_MS,
    async process(context) {
      const plan = await planRun(context, context.task.module, choice);
      context.log.info({ detector: plan.recipe.detector, sandbox: plan.sandbox.info.tier }, 'baseline');
      const baseline = await obtainBaseline(context, plan);
      const artifacts = [{ kind: 'baseline', content: baseline }] as const;
      if (isGreen(baseline) || !context.config.validate.requireGreenBaseline) return { kind: 'advance', artifacts };
      const { code, message } = new AppError('BASELINE_RED', {
        commit: baseline.commit.slice(0, 10),
        summary: summaryOf(baseline),
      });
      return { kind: 'fail', code, message, artifacts };
    },
  });

/** The first cause, in one line. */
export function summaryOf(run: CheckRun): string {
  const failed = run.tests?.filter((test) => test.status === 'failed') ?? [];
  if (failed.length > 0)
    return `${failed.length} test${failed.length === 1 ? '' : 's'} failed, such as ${failed[0]?.id}`;
  const command = run.commands.find((each) => !succeeded(each));
  const finding = command === undefined ? undefined : commandFindings(command)[0];
  if (command === undefined || finding === undefined) return 'it is red';
  const place = finding.file === undefined ? '' : `${finding.file}:${finding.line ?? 1}: `;
  return `${command.step} failed (${command.argv.join(' ').slice(0, 60)}): ${place}${finding.message.split('\n').slice(0, 4).join(' ').slice(0, 400)}`;
}
