import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { readStats, type Stats } from '@orchestrator/shared/read/stats/read-stats.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { repositoryFilter } from '../repository-of.ts';
import { bars, gauge } from '../show/bars.ts';
import { comparisonBlocks } from '../show/comparison.ts';
import { table } from '../show/table.ts';
import { block, coarse, count } from '../show/words.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'stats',
  summary: 'show what became of the tasks: results, rounds, merge rate, cost, tokens',
  description:
    'Money is computed from the ledger. The figures over time count a run on the UTC day, or in the week, in which it began, so that cost and result belong together.',
  options: [
    { ...REPO_OPTION, description: 'only this repository (default: all)' },
    {
      flags: '--by <period>',
      description: 'compare over time by day (the last 30) or week (the last 26); default: day',
    },
  ],
  input: z.object({
    repo: z.string().optional(),
    by: z.enum(['day', 'week'], 'must be day or week').default('day'),
  }),
  examples: [
    ['orchestrator stats', 'all repositories'],
    ['orchestrator stats --by week', 'half a year at a glance'],
    ['orchestrator stats --json', 'the same numbers for scripts'],
  ],
  logs: 'query',
  async run(context, { repo, by }) {
    const { db } = await context.system();
    const stats = await readStats(db, { repository: await repositoryFilter(context, repo), period: by });
    return { data: { ...stats }, render: (view) => renderStats(stats, view) };
  },
});

/** The states of a run, by the words that people use. */
const RESULT_WORDS: Readonly<Record<string, string>> = {
  in_review: 'published',
  baselining: 'working',
  analyzing: 'working',
  coding: 'working',
  validating: 'working',
  publishing: 'working',
  queued: 'working',
};

function renderStats(stats: Stats, view: View): string {
  const inner = { ...view, width: view.width - 2 };
  const chart = (title: string, numbers: Readonly<Record<string, number>>): string =>
    Object.keys(numbers).length === 0
      ? ''
      : block(
          title,
          bars(
            Object.entries(numbers).map(([label, value]) => ({ label, value })),
            inner,
          ),
        );
  return [
    summary(stats),
    block('Now', now(stats, inner)),
    chart(`Tasks (${stats.tasks.total})`, inWords(stats.tasks.byResult)),
    chart('Rounds of published changes', stats.runs.publishedByRounds),
    chart('Ended without a change', stats.runs.endCodes),
    chart('What became of pull requests', inOutcomeWords(stats.pullRequests.outcomes)),
    block('Money', money(stats)),
    stats.models.length > 0 ? block('Models', models(stats, inner)) : '',
    ...comparisonBlocks(stats.comparison, inner).map(([title, text]) => block(title, text)),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function summary({ runs, pullRequests }: Stats): string {
  const { mergeRate, merged, closed } = pullRequests;
  const rate =
    mergeRate === null
      ? 'no change was merged or closed yet'
      : `merge rate ${(mergeRate * 100).toFixed(0)} % (${merged} merged, ${closed} closed)`;
  return `${count(runs.total, 'run')}, ${rate}${runs.medianMs === null ? '' : `, ${coarse(runs.medianMs)} to a published change (median)`}`;
}

/** What the prototype showed, from the ledger and the rows. */
function now({ budget, pullRequests, tasks, tokens, money: { spentNanoUsd } }: Stats, view: View): string {
  const share =
    budget === null || budget.limitNanoUsd === 0n
      ? 0
      : Number((budget.committedNanoUsd * 10_000n) / budget.limitNanoUsd) / 10_000;
  const level = budget?.warningLevel ?? 'none';
  const color = level === 'red' ? 'red' : level === 'none' ? 'green' : 'yellow';
  const lines: [string, string][] = [
    ['phase', budget === null ? 'the budget has not begun' : (budget.phase ?? 'the last one has ended')],
    ...(budget === null
      ? []
      : ([
          [
            'this window',
            `${view.paint(color, gauge(share, 20))} ${(share * 100).toFixed(1)} % of ${formatUsd(budget.limitNanoUsd, 2)}`,
          ],
          ['remaining', formatUsd(budget.remainingNanoUsd)],
          ['warning level', view.paint(color, budget.frozen ? `${level}, frozen` : level)],
        ] as [string, string][])),
    ['spent', formatUsd(spentNanoUsd)],
    ['pull requests', number(pullRequests.total)],
    ['tasks completed', number(tasks.completed)],
    ['tokens', number(tokens)],
  ];
  return lines.map(([label, value]) => `${label.padEnd(15)}  ${value}`).join('\n');
}

const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  merged_as_is: 'merged as proposed',
  merged_with_edits: 'merged with edits',
  'closed (ours)': 'closed, our fault',
};

const inOutcomeWords = (outcomes: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(outcomes).map(([key, value]) => [OUTCOME_WORDS[key] ?? key.replaceAll('_', ' '), value]),
  );

function inWords(numbers: Readonly<Record<string, number>>): Record<string, number> {
  const words: Record<string, number> = {};
  for (const [state, number] of Object.entries(numbers))
    words[RESULT_WORDS[state] ?? state] = (words[RESULT_WORDS[state] ?? state] ?? 0) + number;
  return words;
}

function money({ money: { spentNanoUsd, perTaskNanoUsd, perPublishedNanoUsd, perMergedNanoUsd } }: Stats): string {
  const lines: [string, bigint | null][] = [
    ['spent', spentNanoUsd],
    ['per task', perTaskNanoUsd],
    ['per published change', perPublishedNanoUsd],
    ['per merged change', perMergedNanoUsd],
  ];
  return lines
    .flatMap(([label, amount]) => (amount === null ? [] : [`${label.padEnd(20)}  ${formatUsd(amount)}`]))
    .join('\n');
}

const number = (value: number): string => value.toLocaleString('en-US');

function models({ models: rows }: Stats, view: View): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return table(
    [
      { title: 'Model', flexible: true },
      { title: 'Role' },
      right('Calls'),
      right('Input'),
      right('Cached'),
      right('Output'),
      right('Cost'),
    ],
    rows.map((row) => [
      row.model,
      row.role,
      number(row.calls),
      number(row.inputTokens),
      number(row.cachedTokens),
      number(row.outputTokens),
      formatUsd(row.spentNanoUsd),
    ]),
    view,
  );
}
