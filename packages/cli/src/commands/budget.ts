import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { freezeText } from '@orchestrator/shared/budget/freeze.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { type BudgetReport, budgetReport, type WindowReport } from '@orchestrator/shared/budget/report.ts';
import { formatDollars, formatDuration } from '@orchestrator/shared/config/describe.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { bars, gauge } from '../show/bars.ts';
import { table } from '../show/table.ts';
import { block, count, instant, relative } from '../show/words.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'budget',
  summary: 'show what may be spent, what was spent, and what is held by calls in flight',
  description: 'Every amount is computed from the ledger.',
  options: [{ flags: '--all', description: 'with the budgets of single tasks' }],
  input: z.object({ all: z.boolean().default(false) }),
  examples: [
    ['orchestrator budget', 'phase, window, days left, burn'],
    ['orchestrator budget --json', 'amounts in nano-dollars'],
  ],
  logs: 'query',
  async run(context, { all }) {
    const { db } = await context.system();
    const others = all
      ? await db.budget.findMany({
          where: { id: { not: GLOBAL_BUDGET } },
          select: { id: true },
          orderBy: { id: 'asc' },
        })
      : [];
    const reports = (
      await Promise.all([GLOBAL_BUDGET, ...others.map(({ id }) => id)].map((id) => budgetReport(db, id)))
    ).filter((report) => report !== null);
    return {
      data: { begun: reports.length > 0, budgets: reports },
      render: (view) =>
        reports.length === 0
          ? 'The budget begins with the first: orchestrator run'
          : reports.map((report) => renderBudget(report, view)).join('\n\n'),
    };
  },
});

function renderBudget(report: BudgetReport, view: View): string {
  const { phase, window, days } = report;
  return [
    `${view.paint('bold', report.budgetId)}: ${formatUsd(report.spentNanoUsd)} spent since ${instant(report.startedAt)}, ${formatUsd(report.burnPerDayNanoUsd)} a day lately`,
    phase === null
      ? 'The last phase has ended: nothing is spent any more. Add a phase under budget.phases.'
      : phaseText(report),
    window === null ? '' : windowText(window, report.now, view),
    phaseTable(report, view),
    days.length > 0
      ? block(
          'Spent by UTC day',
          bars(
            days.slice(-14).map(({ day, chargedNanoUsd, calls }) => ({
              label: day,
              value: Number(chargedNanoUsd),
              text: `${formatUsd(chargedNanoUsd)} (${count(calls, 'call')})`,
            })),
            { ...view, width: view.width - 2 },
          ),
        )
      : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function phaseText({ phase, daysLeft, nextTick, now }: BudgetReport): string {
  if (phase === null) return '';
  const end = phase.endsAt === null ? 'open' : `until ${instant(phase.endsAt)}, ${count(daysLeft ?? 0, 'day')} left`;
  return `Phase ${phase.name}: ${limitText(phase)}, ${end}; looks for tasks every ${formatDuration(phase.everyMs)}${nextTick ? `, next ${relative(nextTick, now)}` : ''}`;
}

const limitText = ({ kind, limitNanoUsd }: NonNullable<BudgetReport['phase']>): string =>
  `$${formatDollars(limitNanoUsd)} ${kind === 'total' ? 'in total' : 'a UTC day'}`;

function windowText(window: WindowReport, now: Date, view: View): string {
  const share =
    window.limitNanoUsd === 0n ? 1 : Number((window.committedNanoUsd * 10_000n) / window.limitNanoUsd) / 10_000;
  const color = share >= 0.95 ? 'red' : share >= 0.8 ? 'yellow' : 'green';
  const ends = window.endsAt === null ? 'open' : `ends ${relative(window.endsAt, now)}`;
  const lines = [
    `${view.paint(color, gauge(share, 30))} ${(share * 100).toFixed(1)} % of $${formatDollars(window.limitNanoUsd)} committed, ${ends}`,
    `settled ${formatUsd(window.settledNanoUsd)} (of that forfeited ${formatUsd(window.forfeitedNanoUsd)}) · in flight ${formatUsd(window.inFlightNanoUsd)} in ${count(window.inFlightCalls, 'call')} · free ${formatUsd(window.freeNanoUsd)}`,
    window.frozenReason === null
      ? ''
      : view.paint(
          'red',
          `FROZEN: ${freezeText(window.frozenReason)}${window.frozenBy === null ? '' : ` (${window.frozenBy})`}. ${
            window.frozenReason === 'limit_lowered'
              ? 'It ends with the window, or when the limit is raised.'
              : 'It ends with the window, or by: orchestrator budget thaw'
          }`,
        ),
  ];
  return block('This window', lines.filter(Boolean).join('\n'));
}

function phaseTable({ phases, phase }: BudgetReport, view: View): string {
  const rows = phases.map((each) => [
    each.seq === phase?.seq ? '→' : '',
    each.name,
    limitText(each),
    formatDuration(each.everyMs),
    instant(each.startsAt),
    each.endsAt === null ? 'open' : instant(each.endsAt),
    each.advanceWhenExhausted ? 'or when its money is gone' : '',
  ]);
  return table(
    [
      { title: '' },
      { title: 'Phase' },
      { title: 'Limit' },
      { title: 'Every' },
      { title: 'From' },
      { title: 'Until' },
      { title: '', flexible: true },
    ],
    rows,
    view,
  );
}
