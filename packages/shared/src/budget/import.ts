import { z } from 'zod';
import type { Phase } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { GLOBAL_BUDGET } from './budget-ids.ts';
import { Ledger, newAttemptId } from './ledger.ts';
import { NANO_PER_USD, type NanoUsd, smallestOf } from './money.ts';
import { budgetNow, hashPhases } from './phases.ts';
import { type PlannedPhase, planPhases, revisePlan } from './plan.ts';
import { writePlan } from './plan-sql.ts';
import { readStanding } from './standing.ts';

const Amount = z
  .union([z.string(), z.number().nonnegative()])
  .transform((value) => (typeof value === 'number' ? value.toFixed(9) : value))
  .pipe(z.string().regex(/^\d+(\.\d{1,9})?$/, 'is no amount in US dollars'))
  .transform((value): NanoUsd => {
    const [whole = '0', fraction = ''] = value.split('.');
    return BigInt(whole) * NANO_PER_USD + BigInt(fraction.padEnd(9, '0'));
  });
const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** What an import needs of token_budget.json; the rest of it is history that stays where it was. */
const ImportedFile = z.object({
  start_date: Instant,
  phase: z.string().nullable().default(null),
  phase_start: Instant.nullable().default(null),
  window_end: Instant.nullable().default(null),
  spent_usd: Amount.default(0n),
});
type ImportedFile = z.infer<typeof ImportedFile>;

export interface Imported {
  readonly startedAt: Date;
  readonly phase: PlannedPhase | undefined;
  /** Booked in the window of the moment. */
  readonly spentNanoUsd: NanoUsd;
}

/**
 * Begins a budget where another installation left off: with its first start, in its phase (which may have begun early,
 * because the one before it ran out of money), and with what it has spent in the window of the moment. All of it, or
 * nothing. Throws CONFIG_INVALID for a file that is none, and for a budget that has begun: a start is recorded once.
 */
export async function importTokenBudget(
  db: Database,
  content: unknown,
  phases: readonly Phase[],
  budgetId: string = GLOBAL_BUDGET,
): Promise<Imported> {
  const parsed = ImportedFile.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(issue?.path.join('.') ?? '', issue?.message ?? 'is not valid');
  }
  const file = parsed.data;
  return db.$transaction(async (transaction) => {
    // Only without what begins and ends transactions, and nothing below does.
    const tx = transaction as Database;
    const now = await budgetNow(tx);
    if (file.start_date > now) throw refused('start_date', 'lies in the future');
    const plan = { budgetId, planHash: hashPhases(phases), startedAt: file.start_date, reason: 'import' as const };
    if (!(await writePlan(tx, { ...plan, phases: placed(file, phases) })))
      throw refused('start_date', 'this budget has begun already');

    const [standing] = await readStanding(tx, [budgetId]);
    const window = standing?.window;
    const over = file.window_end !== null && file.window_end <= now;
    const spentNanoUsd = window && !over ? smallestOf([file.spent_usd, window.limitNanoUsd]) : 0n;
    if (spentNanoUsd > 0n) await book(tx, budgetId, spentNanoUsd);
    return {
      startedAt: file.start_date,
      phase: standing?.plan?.find((phase) => phase.startsAt <= now && (phase.endsAt === null || now < phase.endsAt)),
      spentNanoUsd,
    };
  });
}

/** From the phase that the file names on, at its place in time; where it names none that is configured, from the start. */
function placed({ phase, phase_start, start_date }: ImportedFile, phases: readonly Phase[]): PlannedPhase[] {
  const planned = planPhases(phases, start_date);
  const named = planned.find((one) => one.name === phase);
  return named && phase_start ? revisePlan({ ...named, startsAt: phase_start }, phases, phase_start) : planned;
}

async function book(db: Database, budgetId: string, amountNanoUsd: NanoUsd): Promise<void> {
  const ledger = new Ledger(db, { cushionPerMille: 0 });
  const attemptId = newAttemptId();
  const detail = { reason: 'import' };
  await ledger.reserve({ attemptId, budgetIds: [budgetId], amountNanoUsd, deadlineMs: 1, detail });
  await ledger.settle({ attemptId, chargedNanoUsd: amountNanoUsd, detail });
}

const refused = (field: string, problem: string): AppError =>
  new AppError('CONFIG_INVALID', { file: 'token_budget.json', field, problem });
