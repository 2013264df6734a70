import { isDue, wakeUpAt } from '@orchestrator/embedded/scheduling.ts';
import { tokenBudgetFile } from '@orchestrator/shared/budget/export.ts';
import type { CommandContext } from '../command.ts';
import type { Target } from '../system.ts';
import type { Asked, WakeUp } from './wake-up.ts';
import { work } from './work.ts';

/** A wake-up whose state is in the database of DATABASE_URL: overlapping ones share it as services do. */
export async function wakeOnDatabase(
  context: CommandContext,
  { now, task }: Asked,
  target: () => Promise<Target>,
): Promise<WakeUp> {
  const system = await context.system();
  const used = await target();
  const due = await wakeUpAt(system.db, used.url);
  if (!now && due !== null && !isDue(due, new Date()))
    return { kind: 'not-due', wakeAt: due, budget: await tokenBudgetFile(system.db) };
  const report = await work(context, { system, target: used, task, now });
  const wakeAt = await wakeUpAt(system.db, used.url);
  // The context closes what it opened.
  return { kind: 'worked', report, system, wakeAt, trouble: null, close: async () => {} };
}
