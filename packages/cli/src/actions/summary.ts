import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { type RunView, readRuns } from '@orchestrator/shared/read/runs.ts';
import { code, plain, table } from '@orchestrator/shared/text/markdown.ts';
import type { RunReport } from '../run/run-report.ts';
import { cost, endText, resultOf } from '../show/run-words.ts';
import { coarse, count, instant, relative } from '../show/words.ts';
import type { BudgetNote, WakeUp } from './wake-up.ts';

/** GitHub shows at most 1 MiB. */
const MAX_TASKS = 200;

/** A task with its latest run. */
export interface TaskRow {
  readonly key: string;
  readonly title: string;
  readonly status: string;
  readonly run: RunView | null;
}

/** The tasks of a repository, as its file lists them. */
export async function readTaskRows(db: Database, repository: string): Promise<TaskRow[]> {
  const tasks = await db.task.findMany({
    where: { repository: { url: repository }, status: { not: 'removed' } },
    orderBy: { position: 'asc' },
    select: { key: true, title: true, status: true },
  });
  const runs = await readRuns(db, { repository, limit: 100_000 });
  // Newest first: the first of a task is its latest.
  const latest = new Map<string, RunView>();
  for (const run of runs) if (!latest.has(run.task)) latest.set(run.task, run);
  return tasks.map((task) => ({ ...task, run: latest.get(task.key) ?? null }));
}

export interface SummaryInput {
  readonly woke: WakeUp;
  readonly budget: BudgetNote;
  readonly tasks: readonly TaskRow[];
  readonly now: Date;
}

/** The job summary, in GitHub's Markdown. */
export function renderSummary({ woke, budget, tasks, now }: SummaryInput): string {
  return [
    `### AI Orchestrator: ${headline(woke, now)}`,
    budgetTable(budget, woke.kind === 'busy' ? null : woke.wakeAt, now),
    tasks.length > 0 ? taskTable(tasks, now) : '',
    woke.kind === 'worked' ? notes(woke.report) : '',
    woke.kind === 'worked' && woke.trouble !== null
      ? `**${text(woke.trouble.message)}** ${text(woke.trouble.next)}`
      : '',
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

export function headline(woke: WakeUp, now: Date): string {
  if (woke.kind === 'not-due') return `nothing is due before ${instant(woke.wakeAt)} (${relative(woke.wakeAt, now)})`;
  if (woke.kind === 'busy') return `another run is at work: ${linked(woke.by)}`;
  const { runs, wallMs } = woke.report;
  if (runs.length === 0) return 'nothing to do';
  const spent = runs.reduce((sum, { spentNanoUsd }) => sum + spentNanoUsd, 0n);
  const results = [...Map.groupBy(runs, resultOf)].map(([result, group]) => `${group.length} ${result}`);
  return `${count(runs.length, 'run')} (${results.join(', ')}), which cost ${formatUsd(spent, 4)} so far, in ${coarse(wallMs)}`;
}

function budgetTable(budget: BudgetNote, wakeAt: Date | null, now: Date): string {
  if (budget === null) return 'The budget has not begun.';
  const usd = (name: string): string => `$${Number(budget[name] ?? 0).toFixed(4)}`;
  const until = typeof budget.window_end === 'string' ? instant(new Date(budget.window_end)) : 'open';
  const next = wakeAt === null ? 'the next wake-up' : wakeAt <= now ? 'at once' : instant(wakeAt);
  return table(
    ['Phase', 'Limit', 'Spent', 'In flight', 'Remaining', 'Until', 'Spent in all', 'Next'],
    [
      [
        text(String(budget.phase ?? 'over')),
        usd('limit_usd'),
        usd('spent_usd'),
        usd('reserved_usd'),
        usd('remaining_usd'),
        until,
        usd('total_spent_usd'),
        next,
      ],
    ],
  );
}

function taskTable(tasks: readonly TaskRow[], now: Date): string {
  const shown = tasks.map(({ key, title, status, run }) => [
    code(key),
    text(title),
    run === null ? (status === 'ready' ? 'not started' : status) : resultOf(run),
    run === null ? '' : String(run.round),
    run === null ? '' : cost(run),
    run === null ? '' : placeOf(run, now),
  ]);
  return table(['Task', 'Title', 'State', 'Rounds', 'Cost', 'Change, or why not'], shown, MAX_TASKS);
}

const placeOf = (run: RunView, now: Date): string =>
  run.url !== null && ADDRESS.test(run.url) ? linked(run.url) : text(endText(run, now));

const ADDRESS = /^https?:\/\/\S+$/;

/** An address as a link; other words as words. */
const linked = (words: string): string => (ADDRESS.test(words) ? words.replaceAll('|', '%7C') : text(words));

function notes({ skipped, problems, interrupted }: RunReport): string {
  const groups = Map.groupBy(skipped, ({ reason }) => reason);
  const waiting = [...groups].map(
    ([reason, tasks]) =>
      `- ${text(
        tasks
          .slice(0, 5)
          .map(({ taskKey }) => taskKey)
          .join(', '),
      )}${tasks.length > 5 ? ' and others' : ''}: ${text(reason)}`,
  );
  return [
    interrupted ? 'It was stopped before its end; what was in work goes on at the next wake-up.' : '',
    waiting.length > 0 ? `Not started:\n\n${waiting.join('\n')}` : '',
    problems.length > 0
      ? `Problems in the task file:\n\n${problems
          .slice(0, 20)
          .map((problem) => `- ${text(problem)}`)
          .join('\n')}`
      : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Words of others. */
const text = (words: string): string => plain(words, 300);
