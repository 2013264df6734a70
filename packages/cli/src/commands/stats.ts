import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { readStats, type Stats } from '../read/stats.ts';
import { repositoryFilter } from '../repository-of.ts';
import { bars } from '../show/bars.ts';
import { table } from '../show/table.ts';
import { block, coarse, count } from '../show/words.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'stats',
  summary: 'show what became of the tasks: results, rounds, merge rate, cost, tokens',
  options: [{ ...REPO_OPTION, description: 'only this repository (default: all)' }],
  input: z.object({ repo: z.string().optional() }),
  examples: [
    ['orchestrator stats', 'all repositories'],
    ['orchestrator stats --json', 'the same numbers for scripts'],
  ],
  logs: 'query',
  async run(context, { repo }) {
    const { db } = await context.system();
    const stats = await readStats(db, await repositoryFilter(context, repo));
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
    chart(`Tasks (${stats.tasks.total})`, inWords(stats.tasks.byResult)),
    chart('Rounds of published changes', stats.runs.publishedByRounds),
    chart('Ended without a change', stats.runs.endCodes),
    block('Money', money(stats)),
    stats.models.length > 0 ? block('Models', models(stats, inner)) : '',
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

function models({ models: rows }: Stats, view: View): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const number = (value: number): string => value.toLocaleString('en-US');
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
