import { DAY_MS, type PlannedPhase } from './plan.ts';
import { utcDay } from './window-span.ts';

/**
 * The first tick of a phase after `now`. Ticks of a phase with a total limit count from its start, those of a daily one
 * from each UTC midnight, so that a new day's money is looked at when the day begins. The end of the phase is a tick too:
 * the next phase begins there.
 */
export function nextTick(phase: PlannedPhase, now: Date): Date {
  if (now < phase.startsAt) return phase.startsAt;
  const anchorMs = (phase.kind === 'total' ? phase.startsAt : utcDay(now)).getTime();
  const passed = Math.floor((now.getTime() - anchorMs) / phase.everyMs);
  const ticks = [anchorMs + (passed + 1) * phase.everyMs];
  if (phase.kind === 'per_utc_day') ticks.push(anchorMs + DAY_MS);
  if (phase.endsAt !== null) ticks.push(phase.endsAt.getTime());
  return new Date(Math.min(...ticks));
}
