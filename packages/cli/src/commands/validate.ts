import { services } from '@orchestrator/embedded/services.ts';
import type { CheckRun, CommandResult } from '@orchestrator/shared/contracts/verdict.ts';
import { ERRORS } from '@orchestrator/shared/errors/errors.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { table } from '../show/table.ts';
import { block, coarse, plainText } from '../show/words.ts';
import { openTarget } from '../target.ts';
import { type View, viewOf } from '../terminal.ts';

export default defineCommand({
  name: 'validate',
  summary: 'build and test the head of a repository in the sandbox, as a run would',
  description: 'Costs nothing. Ends with 7 if the head is red: then a run would stop before any paid call.',
  options: [REPO_OPTION, { flags: '--module <path>', description: 'only this folder or build module' }],
  input: z.object({ repo: z.string().optional(), module: z.string().optional() }),
  examples: [
    ['orchestrator validate', 'are the commands found, and do they pass?'],
    ['orchestrator validate --repo ../my-plugin --json', 'with every test result'],
  ],
  logs: 'query',
  async run(context, { repo, module }) {
    const target = await openTarget(context, repo);
    const { paint } = viewOf(context.progress, context.terminal.env);
    const { validateHead } = await services.validateHead();
    const { isGreen } = await services.validationPlan();
    const run = await validateHead({
      repo: target.url,
      mirror: target.mirror,
      commit: target.commit,
      config: target.loaded.config,
      home: context.env.ORCHESTRATOR_HOME,
      module: module ?? null,
      signal: context.signal,
      progress: (text) => context.progress.write(`${paint('dim', plainText(text))}\n`),
    });
    const green = isGreen(run);
    return {
      data: { repository: target.url, branch: target.branch, green, ...run },
      exitCode: green ? 0 : ERRORS.BASELINE_RED.exit,
      render: (view) => render(run, green, view),
    };
  },
});

function render(run: CheckRun, green: boolean, view: View): string {
  const failed = run.commands.find((command) => command.exitCode !== 0);
  const tests = (run.tests ?? []).filter(({ status }) => status === 'failed');
  return [
    `${run.commit.slice(0, 10)}, ${run.detector}, sandbox: ${run.sandbox.tier}`,
    table(
      [{ title: 'Step' }, { title: 'Command', flexible: true }, { title: 'Result' }, { title: 'Took', align: 'right' }],
      run.commands.map((command) => [
        command.step,
        plainText(command.argv.join(' ')),
        resultText(command, view),
        coarse(command.durationMs),
      ]),
      view,
    ),
    run.totals === null
      ? 'No test report could be read, so only exit codes count.'
      : `${run.totals.passed} tests passed, ${run.totals.failed} failed, ${run.totals.skipped} skipped`,
    tests.length > 0
      ? block(
          'Failed',
          tests
            .slice(0, 20)
            .map(({ id, message }) => plainText(`${id}${message ? `: ${message.split('\n')[0]}` : ''}`))
            .join('\n'),
        )
      : '',
    failed === undefined
      ? ''
      : block(`The end of ${failed.step}`, plainText(failed.output).trimEnd().split('\n').slice(-20).join('\n')),
    green
      ? view.paint('green', 'Green: a run may start here.')
      : view.paint('red', 'Red: make the branch green first, or set validate.requireGreenBaseline: false.'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function resultText({ exitCode, ended }: CommandResult, { paint }: View): string {
  if (exitCode === 0) return paint('green', 'passed');
  return paint('red', ended === 'exit' ? `exit ${exitCode}` : `ended: ${ended}`);
}
