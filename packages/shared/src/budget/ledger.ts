import { randomUUID } from 'node:crypto';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { denied, gravest, refusal } from './denial.ts';
import { type End, endAttempt, reapExpired, takeHold } from './ledger-sql.ts';
import type { Ending, EntryDetail, Forfeiture, Release, Reservation, Settlement } from './ledger-types.ts';
import type { NanoUsd } from './money.ts';
import { advanceIfExhausted } from './phases.ts';
import { sqlState } from './sql-state.ts';
import { readStanding } from './standing.ts';

export type { Ending, Forfeiture, Release, Reservation, Settlement } from './ledger-types.ts';

export interface LedgerOptions {
  /**
   * Held on top of every bound, in thousandths of it: a bound that was too low by no more than this still cannot pass the
   * limit. Default 50 (5 %).
   */
  readonly cushionPerMille?: number;
  /** How long after its deadline an attempt is left alone before it counts as lost. Default 30 s. */
  readonly graceMs?: number;
}

/** Tries at a reservation whose window was opened, changed or freed by someone else between two looks. */
const TRIES = 4;
const REAP_BATCH = 500;
const UNIQUE_VIOLATION = '23505';

/** A fresh id for one HTTP attempt. */
export const newAttemptId = (): string => randomUUID();

/**
 * The only way to spend. Before the first byte of a paid request: `reserve`. After it, exactly one of `settle` (the cost
 * is known), `release` (certainly not billed) and `forfeit` (it may have been billed). A process that dies in between
 * needs no clean-up: its hold counts as spent until `reap` books it as such.
 */
export class Ledger {
  readonly #db: Database;
  readonly #cushionPerMille: bigint;
  readonly #graceMs: number;

  constructor(db: Database, { cushionPerMille = 50, graceMs = 30_000 }: LedgerOptions = {}) {
    this.#db = db;
    this.#cushionPerMille = BigInt(cushionPerMille);
    this.#graceMs = graceMs;
  }

  /**
   * Holds the bound of an attempt (and its cushion) in every budget, or throws BudgetDenied and holds nothing. Asking
   * again with the same attempt id, after an answer that was lost, finds the hold of the first time. Start the clock of
   * the deadline before the call.
   */
  async reserve({ attemptId, budgetIds, amountNanoUsd, deadlineMs, detail }: Reservation): Promise<void> {
    const ids = [...new Set(budgetIds)].sort();
    if (ids.length === 0 || amountNanoUsd < 0n || !(deadlineMs > 0)) {
      throw new AppError('INTERNAL', { message: 'a reservation needs a budget, an amount and a deadline' });
    }
    const heldNanoUsd = this.heldFor(amountNanoUsd);
    const hold = {
      attemptId,
      budgetIds: ids,
      heldNanoUsd,
      cushionNanoUsd: heldNanoUsd - atLeastOne(amountNanoUsd),
      deadlineMs,
      graceMs: this.#graceMs,
      detail: json(detail),
    };
    for (let tries = 0; ; tries++) {
      try {
        if (await takeHold(this.#db, hold)) return;
      } catch (error) {
        if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
        return this.#confirmHeld(attemptId, ids, heldNanoUsd);
      }
      if (await this.#isHeld(attemptId)) return this.#confirmHeld(attemptId, ids, heldNanoUsd);
      const refusals = (await readStanding(this.#db, ids)).flatMap(
        (one) => refusal(one, heldNanoUsd, deadlineMs) ?? [],
      );
      const worst = gravest(refusals);
      if (
        worst?.kind === 'WAIT_WINDOW' &&
        (await this.#advance(
          refusals.map((one) => one.budgetId),
          heldNanoUsd,
        ))
      )
        continue;
      if (worst !== undefined) throw denied(worst, heldNanoUsd);
      if (tries < TRIES) continue;
      throw denied(
        { budgetId: ids.join(), kind: 'WAIT_SETTLING', until: null, limitNanoUsd: 0n, reason: 'others were faster' },
        heldNanoUsd,
      );
    }
  }

  /** Books what the attempt cost and gives the rest back to the windows that held it. */
  settle({ attemptId, chargedNanoUsd, detail }: Settlement): Promise<Ending> {
    return this.#end({ attemptId, kind: 'settle', costNanoUsd: chargedNanoUsd, freeze: null, detail: json(detail) });
  }

  /** Gives the whole hold back: the attempt certainly was not billed. */
  release({ attemptId, detail }: Release): Promise<Ending> {
    return this.#end({ attemptId, kind: 'release', costNanoUsd: 0n, freeze: null, detail: json(detail) });
  }

  /** Books the hold as spent, or the lower upper bound that is given: the attempt may have been billed. */
  forfeit({ attemptId, chargedNanoUsd, freeze, detail }: Forfeiture): Promise<Ending> {
    return this.#end({
      attemptId,
      kind: 'forfeit',
      costNanoUsd: chargedNanoUsd ?? null,
      freeze: freeze ?? null,
      detail: json(freeze === undefined ? detail : { ...detail, freeze }),
    });
  }

  /** Forfeits every attempt that is past its deadline and grace. Returns how many. Any number of processes may do so at once. */
  async reap(): Promise<number> {
    let attempts = 0;
    for (;;) {
      const reaped = await reapExpired(this.#db, REAP_BATCH);
      attempts += reaped;
      if (reaped < REAP_BATCH) return attempts;
    }
  }

  /** What a bound holds in a window: itself and the cushion, rounded up. Even a free call holds one nano-dollar. */
  heldFor(amountNanoUsd: NanoUsd): NanoUsd {
    const bound = atLeastOne(amountNanoUsd);
    return bound + (bound * this.#cushionPerMille + 999n) / 1000n;
  }

  async #end(end: End): Promise<Ending> {
    if (end.costNanoUsd !== null && end.costNanoUsd < 0n)
      throw new AppError('INTERNAL', { message: 'a cost is not negative' });
    const { parts, ended, overrunNanoUsd } = await endAttempt(this.#db, end);
    return { result: parts === 0n ? 'unknown' : ended === 0n ? 'duplicate' : 'ended', overrunNanoUsd };
  }

  async #advance(budgetIds: readonly string[], heldNanoUsd: NanoUsd): Promise<boolean> {
    let advanced = false;
    for (const budgetId of budgetIds)
      advanced = (await advanceIfExhausted(this.#db, budgetId, heldNanoUsd)) || advanced;
    return advanced;
  }

  async #isHeld(attemptId: string): Promise<boolean> {
    return (await this.#db.budgetEntry.count({ where: { attemptId, kind: 'reserve' } })) > 0;
  }

  /** The attempt was reserved before: the same question has the same answer, another is a bug of the caller. */
  async #confirmHeld(attemptId: string, budgetIds: readonly string[], heldNanoUsd: NanoUsd): Promise<void> {
    const entries = await this.#db.budgetEntry.findMany({
      where: { attemptId },
      include: { window: { select: { budgetId: true } } },
    });
    const held = entries.filter((entry) => entry.kind === 'reserve');
    const same =
      entries.length === held.length &&
      held.every((entry) => entry.reservedNanoUsd === heldNanoUsd) &&
      held
        .map((entry) => entry.window.budgetId)
        .sort()
        .join('\n') === budgetIds.join('\n');
    if (!same)
      throw new AppError('INTERNAL', { message: `attempt ${attemptId} was reserved before, for something else` });
  }
}

const atLeastOne = (amount: NanoUsd): NanoUsd => (amount > 0n ? amount : 1n);
const json = (detail: EntryDetail | undefined): string | null => (detail === undefined ? null : JSON.stringify(detail));
