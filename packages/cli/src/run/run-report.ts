import type { SkippedTask } from '@orchestrator/embedded/scheduling.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { ERRORS, type ErrorCode } from '@orchestrator/shared/errors/errors.ts';
import type { RunView } from '@orchestrator/shared/read/runs.ts';
import { cost, endText, needsPerson, painted, resultOf } from '../show/run-words.ts';
import { table } from '../show/table.ts';
import { block, coarse, count, instant, plainText } from '../show/words.ts';
import type { View } from '../terminal.ts';

/** What a `run` did. */
export interface RunReport {
  readonly repository: string;
  /** The runs that it worked on, oldest first. */
  readonly runs: readonly RunView[];
  /** Tasks that want a run and did not get one. */
  readonly skipped: readonly SkippedTask[];
  /** Mistakes in the task file. */
  readonly problems: readonly string[];
  readonly ticks: number;
  readonly wallMs: number;
  /** By Ctrl+C or SIGTERM. */
  readonly interrupted: boolean;
  /** The task of --task, which has nothing to do. */
  readonly idleTask: string | null;
}

const DONE = ['published', 'merged'];
const LOST = ['rejected', 'failed'];

/** Of what a person has to put right first, then 7: a run ended without a change. With --task also 5: it waits for money. */
export function exitCodeOf({ runs, skipped }: RunReport, task: string | undefined): number {
  const stuck = runs.find(needsPerson)?.waiting?.code;
  if (stuck && stuck in ERRORS) return ERRORS[stuck as ErrorCode].exit;
  const results = runs.map(resultOf);
  if (results.some((result) => LOST.includes(result))) return 7;
  if (task === undefined || results.some((result) => DONE.includes(result))) return 0;
  const money =
    runs.some(({ waiting }) => waiting?.reason === 'budget') ||
    skipped.some(({ code }) => code === 'BUDGET' || code === 'NEVER_FITS');
  return money ? 5 : 0;
}

export function runData(report: RunReport): Record<string, unknown> {
  const results = report.runs.map(resultOf);
  const number = (...wanted: string[]): number => results.filter((result) => wanted.includes(result)).length;
  return {
    repository: report.repository,
    runs: report.runs.map((run) => ({ ...run, result: resultOf(run) })),
    skipped: report.skipped,
    problems: report.problems,
    summary: {
      started: results.length,
      published: number(...DONE),
      rejected: number('rejected'),
      failed: number('failed'),
      cancelled: number('cancelled'),
      waiting: number('waiting', 'working'),
      spentNanoUsd: spent(report),
      ticks: report.ticks,
      wallMs: report.wallMs,
    },
  };
}

const spent = ({ runs }: RunReport): bigint => runs.reduce((sum, { spentNanoUsd }) => sum + spentNanoUsd, 0n);

export function renderRun(report: RunReport, view: View): string {
  const now = new Date();
  const parts = [
    report.runs.length > 0 ? runTable(report.runs, view, now) : '',
    report.idleTask === null
      ? ''
      : `Task ${report.idleTask} has been worked on. For another run: orchestrator retry ${report.idleTask}`,
    nothingText(report),
    notStarted(report.skipped),
    report.problems.length > 0
      ? view.paint(
          'red',
          block(
            `${count(report.problems.length, 'problem')} in the task file:`,
            report.problems.slice(0, 20).join('\n'),
          ),
        )
      : '',
    `Spent ${formatUsd(spent(report), 4)} in ${coarse(report.wallMs)}.`,
    ...next(report),
  ];
  return parts.filter(Boolean).join('\n\n');
}

function nothingText({ interrupted, runs, skipped, idleTask }: RunReport): string {
  if (interrupted) return 'Interrupted. What was in work goes on at the next start.';
  return runs.length === 0 && skipped.length === 0 && idleTask === null
    ? 'Nothing to do: every task has been worked on.'
    : '';
}

function runTable(runs: readonly RunView[], view: View, now: Date): string {
  const rows = runs.map((run) => [
    run.task,
    painted(resultOf(run), view.paint),
    String(run.round),
    cost(run),
    resultOf(run) === 'working' ? 'goes on at the next start' : endText(run, now),
  ]);
  return table(
    [
      { title: 'Task', flexible: true },
      { title: 'Result' },
      { title: 'Rounds', align: 'right' },
      { title: 'Cost', align: 'right' },
      { title: 'Branch, or why not', flexible: true },
    ],
    rows,
    view,
  );
}

/** Grouped by reason: a backlog of thousands waits for the same money. */
function notStarted(skipped: readonly SkippedTask[]): string {
  const groups = Map.groupBy(
    skipped,
    ({ reason, until }) => `${reason}${until ? ` Next try at ${instant(until)}.` : ''}`,
  );
  const lines = [...groups].map(([reason, tasks]) => {
    const names = tasks.slice(0, 3).map(({ taskKey }) => taskKey);
    const more = tasks.length > names.length ? ` and ${tasks.length - names.length} more` : '';
    return `${names.join(', ')}${more}: ${plainText(reason)}`;
  });
  return lines.length === 0 ? '' : block(`Not started (${count(skipped.length, 'task')}):`, lines.join('\n'));
}

function next({ runs }: RunReport): string[] {
  const stuck = runs.find(needsPerson)?.waiting;
  const lost = runs.find((run) => LOST.includes(resultOf(run)));
  return [
    ...(stuck?.next ? [`What to do: ${stuck.next} Then start again: it goes on where it was.`] : []),
    ...(lost ? [`What happened to ${lost.task}: orchestrator logs --task ${lost.task}`] : []),
  ];
}
