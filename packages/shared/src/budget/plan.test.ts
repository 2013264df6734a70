import { describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { nextTick } from './cadence.ts';
import { phaseAt, planPhases } from './plan.ts';
import { nextFittingWindow, windowSpan, windowsFrom } from './window-span.ts';

const START = new Date('2026-03-01T08:30:00Z');
const plan = planPhases(
  [
    Phase.parse({ name: 'launch', limit: { total: '30' }, days: 10, every: '30m' }),
    Phase.parse({ name: 'slow', limit: { perDay: '1' }, days: 2, every: '1h' }),
    Phase.parse({ name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' }),
  ],
  START,
);
const [launch, slow, steady] = plan as [(typeof plan)[0], (typeof plan)[0], (typeof plan)[0]];
const USD = 1_000_000_000n;

describe('a plan', () => {
  it('places each phase where the one before it ends', () => {
    expect(plan.map((phase) => [phase.name, phase.startsAt.toISOString(), phase.endsAt?.toISOString()])).toEqual([
      ['launch', '2026-03-01T08:30:00.000Z', '2026-03-11T08:30:00.000Z'],
      ['slow', '2026-03-11T08:30:00.000Z', '2026-03-13T08:30:00.000Z'],
      ['steady', '2026-03-13T08:30:00.000Z', undefined],
    ]);
  });

  it('has exactly one phase at each instant from its start on', () => {
    expect(phaseAt(plan, new Date(START.getTime() - 1))).toBeUndefined();
    expect(phaseAt(plan, START)?.name).toBe('launch');
    expect(phaseAt(plan, new Date('2026-03-11T08:29:59.999Z'))?.name).toBe('launch');
    expect(phaseAt(plan, new Date('2026-03-11T08:30:00Z'))?.name).toBe('slow');
  });

  it('cuts the days of a daily phase to the phase', () => {
    const spans = windowsFrom(plan, new Date('2026-03-11T00:00:00Z'));
    const shown = Array.from({ length: 6 }, () => spans.next().value).map(
      (s) => s && `${s.startsAt.toISOString().slice(5, 16)} ${s.endsAt?.toISOString().slice(5, 16)}`,
    );
    expect(shown).toEqual([
      '03-01T08:30 03-11T08:30',
      '03-11T08:30 03-12T00:00',
      '03-12T00:00 03-13T00:00',
      '03-13T00:00 03-13T08:30',
      '03-13T08:30 03-14T00:00',
      '03-14T00:00 03-15T00:00',
    ]);
  });

  it('knows the window of an instant', () => {
    expect(windowSpan(launch, START)).toMatchObject({
      startsAt: START,
      endsAt: launch.endsAt,
      limitNanoUsd: 30n * USD,
    });
    expect(windowSpan(slow, slow.startsAt)).toMatchObject({
      startsAt: slow.startsAt,
      endsAt: new Date('2026-03-12T00:00:00Z'),
    });
  });

  it('finds the next window that an amount and its time fit in', () => {
    expect(nextFittingWindow(plan, START, USD, 1000)?.startsAt).toEqual(slow.startsAt);
    expect(nextFittingWindow(plan, START, USD / 2n, 1000)?.startsAt).toEqual(slow.startsAt);
    // Fifteen and a half hours are left of the first day, so a call of sixteen hours waits for the second.
    expect(nextFittingWindow(plan, START, USD, 16 * 3_600_000)?.startsAt).toEqual(new Date('2026-03-12T00:00:00Z'));
    expect(nextFittingWindow(plan, START, 2n * USD, 1000)).toBeUndefined();
    expect(nextFittingWindow(plan, START, 1n, 25 * 3_600_000)).toBeUndefined();
    expect(nextFittingWindow(plan, slow.startsAt, USD / 2n, 1000)?.startsAt).toEqual(new Date('2026-03-12T00:00:00Z'));
  });
});

describe('the cadence', () => {
  it('counts from the start of a phase with a total limit', () => {
    expect(nextTick(launch, START)).toEqual(new Date('2026-03-01T09:00:00Z'));
    expect(nextTick(launch, new Date('2026-03-01T08:59:59.999Z'))).toEqual(new Date('2026-03-01T09:00:00Z'));
    expect(nextTick(launch, new Date('2026-03-01T09:00:00Z'))).toEqual(new Date('2026-03-01T09:30:00Z'));
  });

  it('counts from each UTC midnight in a daily phase, and midnight is a tick', () => {
    expect(nextTick(steady, new Date('2026-03-14T00:00:00Z'))).toEqual(new Date('2026-03-14T03:30:00Z'));
    expect(nextTick(steady, new Date('2026-03-14T20:59:00Z'))).toEqual(new Date('2026-03-14T21:00:00Z'));
    expect(nextTick(steady, new Date('2026-03-14T21:00:00Z'))).toEqual(new Date('2026-03-15T00:00:00Z'));
  });

  it('ticks when the next phase begins', () => {
    expect(nextTick(slow, new Date('2026-03-13T08:10:00Z'))).toEqual(slow.endsAt);
    expect(nextTick(launch, new Date('2026-03-11T08:15:00Z'))).toEqual(launch.endsAt);
  });

  it('waits for a phase that has not begun', () => {
    expect(nextTick(steady, new Date('2026-03-13T08:00:00Z'))).toEqual(steady.startsAt);
  });
});
