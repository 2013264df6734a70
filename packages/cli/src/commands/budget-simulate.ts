import { services } from '@orchestrator/embedded/services.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { budgetNow, readPlan } from '@orchestrator/shared/budget/phases.ts';
import { phaseAt, planPhases, revisePlan } from '@orchestrator/shared/budget/plan.ts';
import { type Simulation, simulate } from '@orchestrator/shared/budget/simulate.ts';
import type { TaskCost } from '@orchestrator/shared/budget/task-cost.ts';
import { currentWindows } from '@orchestrator/shared/budget/windows.ts';
import { z } from 'zod';
import { type CommandContext, defineCommand, REPO_OPTION } from '../command.ts';
import { bars } from '../show/bars.ts';
import { block, count, instant } from '../show/words.ts';
import type { Target } from '../system.ts';
import { openTarget } from '../target.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'budget simulate',
  summary: 'show what would run when, on a clock that runs ahead',
  description:
    'Every task costs what such tasks cost lately (or the worst case, where none is on record) and takes no time. Nothing is started.',
  options: [
    REPO_OPTION,
    { flags: '--days <number>', description: 'how far ahead (default: 30)' },
    { flags: '--tasks <number>', description: 'tasks that wait (default: those of the task file that want a run)' },
  ],
  input: z.object({
    repo: z.string().optional(),
    days: z.coerce.number('must be a number').int().min(1).max(3_660).default(30),
    tasks: z.coerce.number('must be a number').int().min(0).max(100_000).optional(),
  }),
  examples: [
    ['orchestrator budget simulate', 'the next 30 days'],
    ['orchestrator budget simulate --days 90 --tasks 500', 'a backlog of 500 tasks'],
  ],
  logs: 'query',
  async run(context, { repo, days, tasks }) {
    const { db } = await context.system();
    const target = await openTarget(context, repo);
    const { config } = target.loaded;
    const now = await budgetNow(db);
    const existing = await readPlan(db, GLOBAL_BUDGET);
    const current = existing && phaseAt(existing.phases, now);
    const plan = current
      ? revisePlan(current, config.budget.phases, now)
      : (existing?.phases ?? planPhases(config.budget.phases, now));
    const [window] = await currentWindows(db, [GLOBAL_BUDGET]);
    const cost = await (await services.scheduler()).currentTaskCost(db, config);
    const waiting = tasks ?? (await waitingTasks(context, target));
    const simulation = simulate({
      plan,
      from: now,
      days,
      tasks: waiting,
      tasksPerTick: config.pipeline.tasksPerTick,
      predictedNanoUsd: cost.predictedNanoUsd,
      neededNanoUsd: cost.neededNanoUsd,
      deadlineMs: Math.max(config.models.analyzer.timeout, config.models.coder.timeout),
      committedNanoUsd: window ? window.settledNanoUsd + window.reservedNanoUsd : 0n,
    });
    return {
      data: { from: now, daysAhead: days, tasks: waiting, cost, ...simulation },
      render: (view) => render(simulation, { days, waiting, cost }, view),
    };
  },
});

async function waitingTasks(context: CommandContext, { mirror, url, loaded }: Target): Promise<number> {
  const [{ preview }, { selectContext }] = await Promise.all([services.scheduler(), services.selectContext()]);
  const { db } = await context.system();
  const { tasks } = await preview({
    db,
    mirror,
    repository: { url },
    config: loaded.config,
    selectContext,
    contexts: 0,
  });
  return tasks.filter(({ decision }) => decision === 'start' || decision === 'after').length;
}

function render(
  simulation: Simulation,
  { days, waiting, cost }: { days: number; waiting: number; cost: TaskCost },
  view: View,
): string {
  if (waiting === 0) return 'No task waits. For an imagined backlog: orchestrator budget simulate --tasks 100';
  const { starts, spentNanoUsd, doneAt, nextAt } = simulation;
  const observed = cost.calls.every(({ observedCalls }) => observedCalls > 0)
    ? 'as such calls cost lately'
    : 'the worst case where no call is on record';
  const charted = simulation.days.filter(({ started, waited }) => started > 0 || waited > 0);
  const shown = charted.slice(0, 40);
  return [
    `${count(waiting, 'task')}, ${formatUsd(cost.predictedNanoUsd)} each (${observed}); ${count(days, 'day')} ahead`,
    shown.length === 0
      ? ''
      : block(
          'Tasks by UTC day',
          bars(
            shown.map(({ day, phases, started, waited, spentNanoUsd: spent }) => ({
              label: `${day} ${phases.join(', ')}`,
              value: started,
              text: `${started} for ${formatUsd(spent)}${waited > 0 ? `, ${waited} wait for money` : ''}`,
            })),
            { ...view, width: view.width - 2 },
          ),
        ),
    charted.length > shown.length ? `... and ${charted.length - shown.length} more days (--json has them)` : '',
    `${starts.length} of ${count(waiting, 'task')} would start, for ${formatUsd(spentNanoUsd)}. ${ending(doneAt, nextAt)}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function ending(doneAt: Date | null, nextAt: Date | null): string {
  if (doneAt !== null) return `The last starts at ${instant(doneAt)}.`;
  return nextAt === null
    ? 'No later window is large enough for the next one: raise a limit, or lower maxOutputTokens.'
    : `The next could start at ${instant(nextAt)}.`;
}
