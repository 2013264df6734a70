import { writeSync } from 'node:fs';
import type { Window } from '../windows.ts';
import { LAST_WORDS_FD, type Order } from './orders.ts';

/** The windows of this process: where it stops if it was told to. Costs one comparison where it was not. */

let armed: Extract<Order, { order: 'stop-in' }> | null = null;

export function arm(order: typeof armed): void {
  armed = order;
}

/** Marks that the process is in a window now. */
export function inWindow(window: Window): void {
  if (armed?.window === window) stop(armed);
}

/** Stops somewhere in the middle of `effect`. One that is over before that is let go, and the next is stopped sooner. */
export async function amid<T>(effect: () => Promise<T>): Promise<T> {
  const order = armed;
  if (order?.window !== 'mid-effect') return effect();
  const timer = setTimeout(() => stop(order), order.delayMs);
  try {
    return await effect();
  } finally {
    clearTimeout(timer);
    if (armed === order) armed = { ...order, delayMs: order.delayMs / 2 };
  }
}

function stop({ window, signal }: NonNullable<typeof armed>): void {
  armed = null;
  // Not when there is time, but at once: there is none.
  writeSync(LAST_WORDS_FD, `${window}\n`);
  process.kill(process.pid, signal);
}
