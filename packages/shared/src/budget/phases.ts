import { createHash } from 'node:crypto';
import type { Phase } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { jsonText } from '../text/json-text.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import type { NanoUsd } from './money.ts';
import { advancePlan, type PhaseKind, type PlannedPhase, phaseAt, planPhases, revisePlan } from './plan.ts';
import { writePlan, writeRevision } from './plan-sql.ts';
import { windowSpan } from './window-span.ts';
import { latestWindow } from './windows.ts';

export interface BudgetPlan {
  readonly budgetId: string;
  readonly revision: number;
  readonly planHash: string;
  /** When the first phase began: recorded once. */
  readonly startedAt: Date;
  /** From the phase that was current when the plan was written. */
  readonly phases: readonly PlannedPhase[];
}

/** A change that someone else made in the same instant is looked at again, this often. */
const RETRIES = 10;

/** Database time of the budget: never runs backwards. Milliseconds, cut down. */
export async function budgetNow(db: Database): Promise<Date> {
  const rows = await db.$queryRaw<{ at: Date }[]>`SELECT date_trunc('milliseconds', budget_now()) AS at`;
  return (rows[0] as { at: Date }).at;
}

/** The plan that holds; undefined where the budget does not exist. */
export async function readPlan(db: Database, budgetId: string): Promise<BudgetPlan | undefined> {
  const budget = await db.budget.findUnique({ where: { id: budgetId } });
  if (!budget) return undefined;
  const rows = await db.budgetPhase.findMany({
    where: { budgetId, revision: budget.revision },
    orderBy: { seq: 'asc' },
  });
  const phases = rows.map((row) => ({ ...row, kind: row.kind as PhaseKind, everyMs: Number(row.everyMs) }));
  return { budgetId, revision: budget.revision, planHash: budget.planHash, startedAt: budget.startedAt, phases };
}

/**
 * Makes the budget follow the configured phases: begins it the first time, and writes a new revision of its plan when the
 * configuration has changed since. What has passed is never rewritten; a current window keeps its place and its counters,
 * and a limit lowered below what is committed becomes what is committed, frozen until the window ends.
 */
export async function ensureBudget(
  db: Database,
  phases: readonly Phase[],
  budgetId: string = GLOBAL_BUDGET,
): Promise<BudgetPlan> {
  const planHash = hashPhases(phases);
  for (let tries = 0; tries < RETRIES; tries++) {
    const plan = await readPlan(db, budgetId);
    if (plan?.planHash === planHash) return plan;
    const now = await budgetNow(db);
    if (plan === undefined) {
      await writePlan(db, { budgetId, planHash, startedAt: now, phases: planPhases(phases, now), reason: 'start' });
      continue;
    }
    // After its end the last phase is the one that may be made longer.
    const current = phaseAt(plan.phases, now) ?? (plan.phases.at(-1) as PlannedPhase);
    const revised = revisePlan(current, phases, now);
    await writeRevision(db, {
      budgetId,
      revision: plan.revision,
      planHash,
      phases: revised,
      reason: 'config',
      now,
      window: await windowAfter(db, budgetId, current, revised, now),
    });
  }
  throw new AppError('INTERNAL', {
    message: `the plan of budget ${budgetId} is changed by someone else over and over`,
  });
}

/** The phase that is current in database time; undefined after the last has ended. */
export async function currentPhase(db: Database, budgetId: string = GLOBAL_BUDGET): Promise<PlannedPhase | undefined> {
  const plan = await readPlan(db, budgetId);
  return plan && phaseAt(plan.phases, await budgetNow(db));
}

/**
 * Ends a phase that is marked `advanceWhenExhausted` if nothing is in flight and less than `amountNanoUsd` is left of it.
 * Returns whether the next phase has begun. The last phase stays.
 */
export async function advanceIfExhausted(db: Database, budgetId: string, amountNanoUsd: NanoUsd): Promise<boolean> {
  const plan = await readPlan(db, budgetId);
  const now = await budgetNow(db);
  const current = plan && phaseAt(plan.phases, now);
  if (!plan || !current?.advanceWhenExhausted || !plan.phases.some((phase) => phase.seq > current.seq)) return false;
  const window = await latestWindow(db, budgetId);
  if (!window || amountNanoUsd > window.limitNanoUsd) return false;
  return writeRevision(db, {
    budgetId,
    revision: plan.revision,
    planHash: plan.planHash,
    phases: advancePlan(plan.phases, current, now),
    reason: 'exhausted',
    now,
    window: { id: window.id, endsAt: now, limitNanoUsd: null },
    onlyIfLeftBelow: amountNanoUsd,
  });
}

/** What the change does to the latest window: it goes on under the new limit, or ends now. */
async function windowAfter(
  db: Database,
  budgetId: string,
  current: PlannedPhase,
  revised: readonly PlannedPhase[],
  now: Date,
): Promise<{ id: string; endsAt: Date | null; limitNanoUsd: NanoUsd | null } | null> {
  const window = await latestWindow(db, budgetId);
  const first = revised[0];
  const covers = window !== undefined && (window.endsAt === null || window.endsAt > now);
  if (!window || !first) return null;
  const goesOn = first.startsAt.getTime() === current.startsAt.getTime() && window.startsAt >= first.startsAt;
  if (goesOn && (covers || first.kind === 'total')) {
    const span = windowSpan(first, window.startsAt);
    return { id: window.id, endsAt: span.endsAt, limitNanoUsd: span.limitNanoUsd };
  }
  return covers ? { id: window.id, endsAt: now, limitNanoUsd: null } : null;
}

export function hashPhases(phases: readonly Phase[]): string {
  return createHash('sha256').update(jsonText(phases)).digest('hex');
}
