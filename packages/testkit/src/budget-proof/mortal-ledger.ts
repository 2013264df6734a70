import { type Ending, Ledger, type Reservation, type Settlement } from '@orchestrator/shared/budget/ledger.ts';
import { type KillPoint, killProcess } from './kill-points.ts';

const die = (): void => killProcess(process.pid);
const never = new Promise<never>(() => {});

/** The real ledger, in a process that dies at the planned point of the next attempt. */
export class MortalLedger extends Ledger {
  plan: KillPoint | null = null;
  random: () => number = Math.random;

  override async reserve(reservation: Reservation): Promise<void> {
    if (this.plan === 'before-reserve') die();
    await super.reserve(reservation);
    if (this.plan === 'reserved-not-sent') die();
  }

  override async settle(settlement: Settlement): Promise<Ending> {
    if (this.plan === 'response-not-settled') die();
    if (this.plan !== 'mid-settle') return super.settle(settlement);
    // The statement is on its way, done, or acknowledged when the process dies.
    const settling = super.settle(settlement);
    setTimeout(die, this.random() * 6);
    await settling;
    return never;
  }
}
