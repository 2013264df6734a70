import type { Database } from '../db/client.ts';
import { GLOBAL_BUDGET, isTaskBudget, repositoryOf } from './budget-ids.ts';
import { gravest, type Refusal, refusal, type Standing } from './denial.ts';
import type { DenialKind } from './denied.ts';
import { Ledger } from './ledger.ts';
import { formatUsd, largestOf, type NanoUsd } from './money.ts';
import { advanceIfExhausted, budgetNow } from './phases.ts';
import { readStanding } from './standing.ts';
import { type TaskCost, type TaskCostConfig, taskCost } from './task-cost.ts';

/** Whether an amount is free now; otherwise why not, and from when on. */
export type Affordability =
  | { readonly kind: 'AFFORDABLE' }
  | { readonly kind: DenialKind; readonly until: Date | null; readonly reason: string };

export interface AffordabilityQuestion {
  readonly budgetIds: readonly string[];
  readonly amountNanoUsd: NanoUsd;
  /** Time that must be left of the window. */
  readonly deadlineMs: number;
}

/** Asks what `reserve` would answer, without taking anything. */
export function affordability(db: Database, question: AffordabilityQuestion): Promise<Affordability> {
  return ask(db, question.budgetIds, question.deadlineMs, () => question.amountNanoUsd);
}

export interface TaskQuestion {
  readonly budgetIds: readonly string[];
  /** Where it is known already: it is the same for every task of a tick. */
  readonly cost?: TaskCost;
}

/**
 * The question of admission: can a task that begins now be specified, changed and repaired as planned within the window?
 * What runs that have begun will probably still need is set aside first. A task that needs more than any whole window
 * has begins with a fresh one and waits between its calls.
 */
export async function taskAffordability(
  db: Database,
  config: TaskCostConfig,
  question: TaskQuestion,
): Promise<Affordability> {
  const ledger = new Ledger(db);
  const heldFor = (amount: NanoUsd): NanoUsd => ledger.heldFor(amount);
  const cost = question.cost ?? (await taskCost(db, config, { now: await budgetNow(db), heldFor }));
  const ahead = new Map<string, NanoUsd>();
  for (const id of question.budgetIds.filter((one) => !isTaskBudget(one)))
    ahead.set(id, await plannedAhead(db, cost.predictedNanoUsd, repositoryOf(id)));
  const deadlineMs = Math.max(config.models.analyzer.timeout, config.models.coder.timeout);
  return ask(db, question.budgetIds, deadlineMs, (standing) => {
    const wanted = cost.neededNanoUsd + (ahead.get(standing.budgetId) ?? 0n);
    const limits = (standing.plan ?? []).map((phase) => phase.limitNanoUsd);
    const whole = standing.window?.limitNanoUsd ?? largestOf(limits);
    return wanted <= whole ? wanted : largestOf([whole, cost.largestCallNanoUsd]);
  });
}

async function ask(
  db: Database,
  budgetIds: readonly string[],
  deadlineMs: number,
  amountFor: (standing: Standing) => NanoUsd,
): Promise<Affordability> {
  for (let tries = 0; ; tries++) {
    const asked = (await readStanding(db, budgetIds)).flatMap((standing) => {
      const amountNanoUsd = amountFor(standing);
      const refused = refusal(standing, amountNanoUsd, deadlineMs);
      return refused ? [{ refused, amountNanoUsd }] : [];
    });
    const worst = gravest(asked.map((one) => one.refused));
    if (worst === undefined) return { kind: 'AFFORDABLE' };
    if (tries === 0 && worst.kind === 'WAIT_WINDOW') {
      const moved = await Promise.all(
        asked.map((one) => advanceIfExhausted(db, one.refused.budgetId, one.amountNanoUsd)),
      );
      if (moved.includes(true)) continue;
    }
    const amount = asked.find((one) => one.refused === worst)?.amountNanoUsd ?? 0n;
    return { kind: worst.kind, until: worst.until, reason: reasonFor(worst, amount) };
  }
}

/**
 * What runs that have begun (of a repository, or all) will probably still spend: the prediction for a task, less what each
 * has spent.
 */
export async function plannedAhead(
  db: Database,
  predictedNanoUsd: NanoUsd,
  repositoryId: string | null = null,
): Promise<NanoUsd> {
  const rows = await db.$queryRaw<{ ahead: bigint }[]>`
    SELECT COALESCE(sum(GREATEST(0, ${predictedNanoUsd}::bigint - spent)), 0)::bigint AS ahead FROM (
      SELECT COALESCE((SELECT sum(c.cost_nano_usd) FROM model_call c WHERE c.run_id = r.id), 0) AS spent
      FROM run r JOIN task t ON t.id = r.task_id
      WHERE r.state IN ('queued', 'baselining', 'analyzing', 'coding')
        AND (${repositoryId}::uuid IS NULL OR t.repository_id = ${repositoryId}::uuid)
    ) active`;
  return rows[0]?.ahead ?? 0n;
}

function reasonFor({ kind, budgetId, limitNanoUsd, reason }: Refusal, amount: NanoUsd): string {
  const own = repositoryOf(budgetId) === null ? `the budget "${budgetId}"` : "the repository's own budget";
  const name = budgetId === GLOBAL_BUDGET ? 'the budget' : own;
  const needs = `${formatUsd(amount)} may be needed`;
  if (kind === 'NEVER_FITS') return `${needs}, more than the ${formatUsd(limitNanoUsd)} that ${name} has.`;
  if (kind === 'WAIT_WINDOW') return `${needs}, and ${name} does not have it before its next window.`;
  if (kind === 'WAIT_SETTLING') return `${needs}, and calls in flight hold it.`;
  return `${name[0]?.toUpperCase()}${name.slice(1)} is frozen: ${reason}.`;
}
