import type { Database } from '../db/client.ts';
import type { Standing } from './denial.ts';
import { budgetNow, readPlan } from './phases.ts';
import { currentWindows, openWindows } from './windows.ts';

/** Plan and open window of each budget, in database time. Opens the window of the moment where it is not open. */
export async function readStanding(db: Database, budgetIds: readonly string[]): Promise<Standing[]> {
  let windows = await currentWindows(db, budgetIds);
  if (windows.length < budgetIds.length) {
    await openWindows(db, budgetIds);
    windows = await currentWindows(db, budgetIds);
  }
  const now = windows[0]?.now ?? (await budgetNow(db));
  return Promise.all(
    budgetIds.map(async (budgetId) => ({
      budgetId,
      now,
      plan: (await readPlan(db, budgetId))?.phases,
      window: windows.find((window) => window.budgetId === budgetId),
    })),
  );
}
