import { services } from '@orchestrator/embedded/services.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { table } from '../show/table.ts';
import { block, count, instant, plainText, relative } from '../show/words.ts';
import type { Target } from '../system.ts';
import type { View } from '../terminal.ts';

type Preview = Awaited<ReturnType<Awaited<ReturnType<typeof services.scheduler>>['preview']>>;
type Previewed = Preview['tasks'][number];

/** What `run` would do: no model is asked and nothing is written but the mirror. */
export async function dryRun(
  context: CommandContext,
  target: Target,
  task: string | undefined,
): Promise<CommandResult> {
  const [{ preview }, { selectContext }, { formatProblem }] = await Promise.all([
    services.scheduler(),
    services.selectContext(),
    services.taskProblem(),
  ]);
  const { db } = await context.system();
  const found = await preview({
    db,
    mirror: target.mirror,
    repository: { url: target.url },
    config: target.loaded.config,
    selectContext,
    only: task,
  });
  const problems = found.problems.map((problem) => plainText(formatProblem(problem)));
  return {
    data: { repository: target.url, dryRun: true, ...found },
    render: (view) =>
      [
        `${found.file} at ${found.branch} (${found.commit.slice(0, 10)}): ${count(found.tasks.length, 'task')}. No model was asked.`,
        taskTable(found, view),
        contexts(found.tasks),
        baselineText(found),
        costText(found),
        problems.length > 0
          ? view.paint('red', block(`${count(problems.length, 'problem')} in the task file:`, problems.join('\n')))
          : '',
      ]
        .filter(Boolean)
        .join('\n\n'),
  };
}

function taskTable({ tasks, now }: Preview, view: View): string {
  const rows = tasks.map((task) => [
    task.order === null ? '' : String(task.order),
    task.key,
    task.priority,
    whenText(task, now),
    formatUsd(task.estimatedNanoUsd),
    formatUsd(task.worstNanoUsd),
    task.context === null
      ? ''
      : `${count(task.context.files.length, 'file')}, ${task.context.tokens.toLocaleString('en-US')} tokens`,
  ]);
  return table(
    [
      { title: '#', align: 'right' },
      { title: 'Task', flexible: true },
      { title: 'Priority' },
      { title: 'Starts', flexible: true },
      { title: 'Estimate', align: 'right' },
      { title: 'At most', align: 'right' },
      { title: 'Context', flexible: true, droppable: true },
    ],
    rows,
    view,
  );
}

function whenText({ startsAt, decision, reason }: Previewed, now: Date): string {
  if (startsAt === null)
    return decision === 'start' || decision === 'after' ? 'never: no window of the budget holds it' : plainText(reason);
  return startsAt <= now ? 'now' : `${instant(startsAt)} (${relative(startsAt, now)})`;
}

function contexts(tasks: readonly Previewed[]): string {
  const shown = tasks.flatMap(({ key, context }) => {
    if (context === null) return [];
    const files = context.files.map(
      ({ path, tokens, whole, reason }) =>
        `${plainText(path)}  ${tokens} tokens, ${whole ? 'whole' : 'signatures'}: ${plainText(reason)}`,
    );
    const lines = [...files, ...context.notes.map(plainText)];
    return lines.length === 0 ? [] : [block(key, lines.join('\n'))];
  });
  return shown.length === 0 ? '' : block('What the analyzer would be shown', shown.join('\n'));
}

function baselineText({ baseline }: Preview): string {
  if (baseline === null) return 'Baseline: not built yet at this commit; that comes first and costs nothing.';
  const { green, failed, totals, at } = baseline;
  const tests =
    totals === null ? '' : ` (${totals.passed} tests passed, ${totals.failed} failed, ${totals.skipped} skipped)`;
  return green
    ? `Baseline: green${tests}, ${instant(at)}.`
    : `Baseline: red${tests}: ${failed.join(', ')} failed. No paid call is made unless validate.requireGreenBaseline is false.`;
}

function costText({ cost }: Preview): string {
  const lines = cost.calls.map(
    ({ role, model, predictedNanoUsd, worstNanoUsd, observedCalls }) =>
      `${role} ${model}: ${formatUsd(predictedNanoUsd)} (${observedCalls === 0 ? 'worst case; none is on record' : `nine of ten of the last ${count(observedCalls, 'call')}`}), at most ${formatUsd(worstNanoUsd)}`,
  );
  return block('Planned calls of a task', lines.join('\n'));
}
