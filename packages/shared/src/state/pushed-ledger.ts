import { type Ending, Ledger, type Reservation, type Settlement } from '../budget/ledger.ts';
import type { Database } from '../db/client.ts';

/** Where the ledger is kept for the next machine. */
export interface Keeper {
  /** Resolves once everything that is committed now is kept. Throws where it is not; then nothing may be spent. */
  push(): Promise<void>;
  /** The same, when it is convenient; never throws. */
  pushSoon(): void;
}

/**
 * The ledger of a machine that is thrown away: a reservation counts only once it is kept elsewhere, so that it survives
 * whatever happens to the machine during the call. Where it cannot be kept, it is given back and there is no call.
 */
export class PushedLedger extends Ledger {
  readonly #keeper: Keeper;

  constructor(db: Database, keeper: Keeper) {
    super(db);
    this.#keeper = keeper;
  }

  override async reserve(reservation: Reservation): Promise<void> {
    await super.reserve(reservation);
    try {
      await this.#keeper.push();
    } catch (error) {
      await super.release({
        attemptId: reservation.attemptId,
        detail: { reason: 'the reservation could not be kept' },
      });
      throw error;
    }
  }

  /** The answer is on record by now: kept soon, it is not paid for twice. */
  override async settle(settlement: Settlement): Promise<Ending> {
    const ending = await super.settle(settlement);
    this.#keeper.pushSoon();
    return ending;
  }
}
