import type { PlannedPhase } from './plan.ts';
import { utcDay } from './window-span.ts';

/**
 * The first tick of a phase after `now`. Ticks of a phase with a total limit count from its start, those of a daily one
 * from each UTC midnight, so that a new day's money is looked at when the day begins. The end of the phase is a tick too:
 * the next phase begins there.
 */
export function nextTick(phase: PlannedPhase, now: Date): Date {
  const anchor = phase.kind === 'total' ? phase.startsAt : utcDay(now);
  const passed = Math.floor((now.getTime() - anchor.getTime()) / phase.everyMs);
  const tick = anchor.getTime() + Math.max(0, passed + 1) * phase.everyMs;
  const bounds = [phase.endsAt?.getTime() ?? tick];
  if (phase.kind === 'per_utc_day') bounds.push(anchor.getTime() + 86_400_000);
  const next = Math.min(tick, ...bounds);
  return new Date(Math.max(next, phase.startsAt.getTime()));
}
