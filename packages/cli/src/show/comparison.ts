import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Comparison, Figures, Group } from '@orchestrator/shared/read/stats/read-comparison.ts';
import type { View } from '../terminal.ts';
import { sparkline } from './bars.ts';
import { table } from './table.ts';
import { plainText } from './words.ts';

/** More than any terminal shows at once; --json has them all. */
const MOST_ROWS = 12;
/** Label, gap, total and gap beside a line of the chart. */
const BESIDE = 32;

/** How modules, models and prompts compare, and all of them over time. Nothing where no run began. */
export function comparisonBlocks(comparison: Comparison, view: View): (readonly [title: string, text: string])[] {
  const { all, period, periods, modules, models, prompts } = comparison;
  if (all.runs === 0) return [];
  const named = (groups: readonly Group[]) => groups.some(({ key }) => key !== '');
  return [
    [`Over time, by ${period}, ${periods[0]} to ${periods.at(-1)}`, overTime(all, view)],
    ...(named(modules) ? [['By module', groupTable('Module', modules, view)] as const] : []),
    ...(models.length > 0 ? [['By model', groupTable('Model', models, view)] as const] : []),
    ...(named(prompts) ? [['By version of the prompt', groupTable('Prompt', prompts, view)] as const] : []),
  ];
}

/** null: nothing to say, as before anything was merged. */
const LINES: readonly (readonly [string, (figures: Figures) => number | null, (figures: Figures) => string])[] = [
  ['runs', ({ runs }) => runs, ({ runs }) => String(runs)],
  ['merged', ({ merged }) => merged, ({ merged }) => String(merged)],
  ['merge rate', ({ mergeRate }) => mergeRate, rateText],
  ['rounds', ({ rounds }) => rounds, roundsText],
  ['spent', ({ spentNanoUsd }) => Number(spentNanoUsd), ({ spentNanoUsd }) => formatUsd(spentNanoUsd)],
  [
    'cost per merge',
    ({ perMergedNanoUsd }) => (perMergedNanoUsd === null ? null : Number(perMergedNanoUsd)),
    perMergedText,
  ],
];

function overTime(all: Group, view: View): string {
  const width = Math.max(5, view.width - BESIDE);
  return LINES.map(
    ([label, value, text]) =>
      `${label.padEnd(14)}  ${text(all).padStart(12)}  ${view.paint('cyan', sparkline(all.over.map(value), width))}`,
  ).join('\n');
}

function groupTable(title: string, groups: readonly Group[], view: View): string {
  const right = (name: string) => ({ title: name, align: 'right' as const });
  const rows = groups.slice(0, MOST_ROWS).map((group) => [
    plainText(group.key) || '(none)',
    String(group.runs),
    String(group.merged),
    String(group.closed),
    rateText(group),
    roundsText(group),
    perMergedText(group),
    view.paint(
      'cyan',
      sparkline(
        group.over.map(({ merged }) => merged),
        group.over.length,
      ),
    ),
  ]);
  const left = groups.length - rows.length;
  const text = table(
    [
      { title, flexible: true },
      right('Runs'),
      right('Merged'),
      { ...right('Closed'), droppable: true },
      right('Rate'),
      { ...right('Rounds'), droppable: true },
      { ...right('Per merge'), droppable: true },
      { title: 'Merged over time', droppable: true },
    ],
    rows,
    view,
  );
  return left > 0 ? `${text}\n… and ${left} more; see --json` : text;
}

function rateText({ mergeRate }: Figures): string {
  return mergeRate === null ? '-' : `${(mergeRate * 100).toFixed(0)} %`;
}

function roundsText({ rounds }: Figures): string {
  return rounds === null ? '-' : rounds.toFixed(1);
}

function perMergedText({ perMergedNanoUsd }: Figures): string {
  return perMergedNanoUsd === null ? '-' : formatUsd(perMergedNanoUsd);
}
