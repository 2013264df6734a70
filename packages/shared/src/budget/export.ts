import { z } from 'zod';
import type { Phase } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { formatUsd, type NanoUsd } from './money.ts';
import { hashPhases, readPlan } from './phases.ts';
import { planPhases } from './plan.ts';
import { writePlan } from './plan-sql.ts';
import { budgetReport } from './report.ts';

/** token_budget.json. Amounts are text with all nine decimals: exact, and readable as numbers. */
export interface TokenBudgetFile {
  readonly phase: string | null;
  /** 1 for the first phase. */
  readonly phase_number: number | null;
  /** The first start. */
  readonly start_date: string;
  readonly phase_start: string | null;
  readonly phase_end: string | null;
  readonly window_start: string | null;
  readonly window_end: string | null;
  readonly limit_usd: string;
  readonly spent_usd: string;
  readonly reserved_usd: string;
  readonly remaining_usd: string;
  readonly total_spent_usd: string;
  /** What each UTC day cost. */
  readonly daily_usage: Readonly<Record<string, string>>;
  readonly updated_at: string;
}

/** The seed's file, computed from the ledger; null where the budget has not begun. */
export async function tokenBudgetFile(db: Database, budgetId: string = GLOBAL_BUDGET): Promise<TokenBudgetFile | null> {
  const report = await budgetReport(db, budgetId);
  if (!report) return null;
  const { phase, window } = report;
  return {
    phase: phase?.name ?? null,
    phase_number: phase ? phase.seq + 1 : null,
    start_date: report.startedAt.toISOString(),
    phase_start: phase?.startsAt.toISOString() ?? null,
    phase_end: phase?.endsAt?.toISOString() ?? null,
    window_start: window?.startsAt.toISOString() ?? null,
    window_end: window?.endsAt?.toISOString() ?? null,
    limit_usd: usd(window?.limitNanoUsd ?? phase?.limitNanoUsd ?? 0n),
    spent_usd: usd(window?.settledNanoUsd ?? 0n),
    reserved_usd: usd(window?.inFlightNanoUsd ?? 0n),
    remaining_usd: usd(window ? window.freeNanoUsd : (phase?.limitNanoUsd ?? 0n)),
    total_spent_usd: usd(report.spentNanoUsd),
    daily_usage: Object.fromEntries(report.days.map((day) => [day.day, usd(day.chargedNanoUsd)])),
    updated_at: report.now.toISOString(),
  };
}

const Amount = z
  .union([z.string(), z.number().nonnegative()])
  .transform((value) => (typeof value === 'number' ? value.toFixed(9) : value))
  .pipe(z.string().regex(/^\d+(\.\d{1,9})?$/))
  .transform((value): NanoUsd => {
    const [whole = '0', fraction = ''] = value.split('.');
    return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  });

/** What an import needs of the file; the rest of it is history that stays where it was. */
const ImportedFile = z.object({ start_date: z.iso.datetime({ offset: true }), spent_usd: Amount.default(0n) });

/**
 * Begins a budget where another installation left off: with its first start, and with what it has spent in the window of
 * the moment. Refuses a budget that has begun: a start is recorded once. Throws CONFIG_INVALID for a file that is none.
 */
export async function importTokenBudget(
  db: Database,
  file: unknown,
  phases: readonly Phase[],
  budgetId: string = GLOBAL_BUDGET,
): Promise<void> {
  const parsed = ImportedFile.safeParse(file);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError('CONFIG_INVALID', {
      file: 'token_budget.json',
      field: issue?.path.join('.') ?? '',
      problem: issue?.message ?? 'is not valid',
    });
  }
  const startedAt = new Date(parsed.data.start_date);
  const written =
    (await readPlan(db, budgetId)) === undefined &&
    (await writePlan(db, {
      budgetId,
      planHash: hashPhases(phases),
      startedAt,
      phases: planPhases(phases, startedAt),
      reason: 'import',
    }));
  if (!written)
    throw new AppError('CONFIG_INVALID', {
      file: 'token_budget.json',
      field: 'start_date',
      problem: 'this budget has begun already',
    });
  if (parsed.data.spent_usd === 0n) return;
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  const attemptId = newAttemptId();
  const detail = { reason: 'import' };
  await ledger.reserve({
    attemptId,
    budgetIds: [budgetId],
    amountNanoUsd: parsed.data.spent_usd,
    deadlineMs: 1,
    detail,
  });
  await ledger.settle({ attemptId, chargedNanoUsd: parsed.data.spent_usd, detail });
}

const usd = (amount: NanoUsd): string => formatUsd(amount, 9).replace('$', '');
