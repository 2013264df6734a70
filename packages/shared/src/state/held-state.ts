import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AppError } from '../errors/app-error.ts';
import { coalesced } from './coalesced.ts';
import type { Dump } from './dump.ts';
import type { Hold } from './ledger-file.ts';
import type { Keeper } from './pushed-ledger.ts';
import type { StateBranch } from './state-branch.ts';
import { dumpOf, filesOf, messageOf, type NewLedger, nextState, readState, type State } from './state-commit.ts';

/** What stands on the branch beside the rows. */
export type Reading = Omit<NewLedger, 'hold'>;

export interface HeldStateOptions {
  readonly branch: StateBranch;
  readonly hold: Hold;
  /** The state as this run took it over, with its hold in it. */
  readonly state: State;
  readonly log: Logger;
  readonly holdMs?: number;
  /** Waits between tries of a push that did not get through. */
  readonly pausesMs?: readonly number[];
}

/** Longer than a run is silent, shorter than the time between two wake-ups. */
export const HOLD_MS = 10 * 60_000;
const PAUSES_MS = [1_000, 3_000, 9_000];

/**
 * The state while this run works with it. Every push replaces the branch, if nobody else has: it names the commit that this
 * run wrote last. Once another run has taken over, nothing of this one gets through any more, so it can spend nothing:
 * `lost` aborts.
 */
export class HeldState implements Keeper {
  readonly #options: HeldStateOptions;
  readonly #lost = new AbortController();
  readonly #pushCoalesced: () => Promise<void>;
  #state: State;
  #source: (() => Promise<{ dump: Dump; reading: Reading }>) | undefined;
  #renewing: NodeJS.Timeout | undefined;
  #releasing = false;

  constructor(options: HeldStateOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#pushCoalesced = coalesced(() => this.#write());
  }

  /** Aborts, with the error as its reason, when another run has taken over or the branch cannot be written. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get state(): State {
    return this.#state;
  }

  /** From now on the state is what `source` reads, and it is kept at least this often. */
  follow(source: () => Promise<{ dump: Dump; reading: Reading }>): void {
    this.#source = source;
    const everyMs = (this.#options.holdMs ?? HOLD_MS) / 8;
    this.#renewing = setInterval(() => this.pushSoon(), everyMs);
  }

  /** Throws STATE_LOST, STATE_NOT_WRITTEN, for good: what failed once is not tried again by a later call. */
  async push(): Promise<void> {
    this.#lost.signal.throwIfAborted();
    if (this.#releasing) throw new AppError('INTERNAL', { message: 'the state has been let go of' });
    await this.#pushCoalesced();
  }

  pushSoon(): void {
    this.push().catch((error: unknown) => this.#options.log.warn({ err: error }, 'the state could not be kept'));
  }

  /** Writes the state a last time and lets go of it. Throws as `push` does; after a loss it does nothing. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    if (this.#lost.signal.aborted || this.#releasing) return;
    this.#releasing = true;
    await this.#pushCoalesced();
  }

  async #write(): Promise<void> {
    const { branch, log, pausesMs = PAUSES_MS } = this.#options;
    const now = new Date();
    const read = await this.#source?.();
    const reading = read?.reading ?? this.#state.ledger;
    const hold = this.#releasing ? null : this.#renewed(now);
    const { wakeAt, budget, open } = reading;
    const next = nextState(this.#state, { hold, wakeAt, budget, open }, read?.dump ?? dumpOf(this.#state), now);
    const commit = await branch.prepare(filesOf(next), messageOf(next), now);
    for (let tries = 0; ; tries += 1) {
      try {
        if (await branch.replace(commit, this.#state.commit)) {
          this.#state = { ...next, commit };
          return;
        }
        await this.#lookAgain();
      } catch (error) {
        const again = error instanceof AppError && error.code === 'STATE_NOT_WRITTEN' && tries < pausesMs.length;
        if (!again) {
          this.#lost.abort(error);
          throw error;
        }
        log.warn({ err: error, tries: tries + 1 }, 'the state was not taken; tried again');
        await sleep(pausesMs[tries]);
      }
    }
  }

  /** The branch moved. A commit that somebody put on top while the state is ours is followed; otherwise it is lost. */
  async #lookAgain(): Promise<void> {
    const { branch, hold } = this.#options;
    const found = await readState(branch);
    if (found !== null && found.ledger.hold?.id === hold.id) {
      this.#state = { ...this.#state, commit: found.commit };
      return;
    }
    const by = found === null ? 'somebody who deleted the branch' : (found.ledger.hold?.by ?? 'a run that has ended');
    throw new AppError('STATE_LOST', { branch: branch.branch, by });
  }

  #renewed(now: Date): Hold {
    return { ...this.#options.hold, until: new Date(now.getTime() + (this.#options.holdMs ?? HOLD_MS)).toISOString() };
  }
}

export interface TakeOptions {
  readonly branch: StateBranch;
  /** Address of the run, for people. */
  readonly by: string;
  /** Make the branch where there is none: the budget begins. */
  readonly begin: boolean;
  readonly log: Logger;
  readonly holdMs?: number;
  readonly pausesMs?: readonly number[];
}

/** Whether someone else is at work: the hold, or null. */
export function heldByAnother(state: State | null, now: Date): Hold | null {
  const hold = state?.ledger.hold ?? null;
  return hold !== null && new Date(hold.until) > now ? hold : null;
}

const TRIES = 5;

/**
 * Takes the state: of several runs that ask at once, one gets it. A hold that ran out is taken over, with what its run had
 * reserved: that counts as spent. Throws STATE_MISSING, STATE_BUSY, and what reading and writing throw.
 */
export async function takeState(options: TakeOptions): Promise<HeldState> {
  const { branch, by, begin, holdMs = HOLD_MS } = options;
  for (let tries = 1; ; tries += 1) {
    const before = await readState(branch);
    if (before === null && !begin) throw new AppError('STATE_MISSING', { repo: branch.url, branch: branch.branch });
    const now = new Date();
    const busy = heldByAnother(before, now);
    if (busy !== null) throw new AppError('STATE_BUSY', { by: busy.by, until: busy.until });
    const until = new Date(now.getTime() + holdMs).toISOString();
    const hold = { id: randomUUID(), by, since: now.toISOString(), until };
    const { wakeAt, budget, open } = before?.ledger ?? { wakeAt: null, budget: null, open: [] };
    const next = nextState(before, { hold, wakeAt, budget, open }, before && dumpOf(before), now);
    const commit = await branch.prepare(filesOf(next), messageOf(next), now);
    if (await branch.replace(commit, before?.commit ?? null))
      return new HeldState({ ...options, hold, state: { ...next, commit } });
    if (tries === TRIES) throw new AppError('STATE_BUSY', { by: 'another run', until: 'it has ended' });
  }
}
