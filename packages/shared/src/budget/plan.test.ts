import { describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { nextTick } from './cadence.ts';
import { advancePlan, type PlannedPhase, phaseAt, planPhases, revisePlan } from './plan.ts';
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

  it('has one window of a phase with a total, also where that is open', () => {
    const spans = windowsFrom([{ ...launch, endsAt: null }], START);
    expect([spans.next().value?.startsAt, spans.next().done]).toEqual([START, true]);
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

describe('the next window', () => {
  const HOUR = 3_600_000;
  const grown = planPhases(
    [
      Phase.parse({ name: 'small', limit: { perDay: '0.10' }, days: 30 }),
      Phase.parse({ name: 'burst', limit: { total: '5' }, days: 1 }),
      Phase.parse({ name: 'large', limit: { perDay: '1' } }),
    ],
    START,
  );
  const [small, burst, large] = grown as [PlannedPhase, PlannedPhase, PlannedPhase];

  it('is found beyond a long phase whose days are too small', () => {
    expect(nextFittingWindow(grown, START, USD, HOUR)).toMatchObject({ phase: burst, startsAt: small.endsAt });
    expect(nextFittingWindow(grown, burst.startsAt, USD, HOUR)).toMatchObject({ startsAt: large.startsAt });
    expect(nextFittingWindow(grown, large.startsAt, USD, HOUR)?.startsAt).toEqual(new Date('2026-04-02T00:00:00Z'));
    expect(nextFittingWindow(grown, START, USD / 10n, HOUR)?.startsAt).toEqual(new Date('2026-03-02T00:00:00Z'));
  });

  it('is one that has not opened yet, and is long enough to the millisecond', () => {
    const day = new Date('2026-05-01T00:00:00Z');
    const next = new Date('2026-05-02T00:00:00Z');
    expect(nextFittingWindow([large], day, 1n, 24 * HOUR)?.startsAt).toEqual(next);
    expect(nextFittingWindow([large], new Date(day.getTime() - 1), 1n, 24 * HOUR)?.startsAt).toEqual(day);
    expect(nextFittingWindow([large], day, 1n, 24 * HOUR + 1)).toBeUndefined();
    expect(nextFittingWindow([burst], START, 5n * USD, 24 * HOUR)?.startsAt).toEqual(burst.startsAt);
    expect(nextFittingWindow([{ ...burst, endsAt: null }], START, 1n, 1e15)?.startsAt).toEqual(burst.startsAt);
    expect(nextFittingWindow([], START, 1n, 1)).toBeUndefined();
  });
});

describe('a plan that changes', () => {
  const places = (phases: readonly PlannedPhase[]) =>
    phases.map((phase) => [phase.seq, phase.name, phase.startsAt.toISOString(), phase.endsAt?.toISOString() ?? null]);
  const configured = (...list: Parameters<typeof Phase.parse>[0][]) => list.map((phase) => Phase.parse(phase));
  const one = { name: 'one', limit: { total: '30' }, days: 10 };
  const two = { name: 'two', limit: { perDay: '1' }, days: 2 };
  const three = { name: 'three', limit: { perDay: '0.50' } };
  const [first, second] = planPhases(configured(one, two, three), START) as [PlannedPhase, PlannedPhase];
  const now = new Date('2026-03-03T10:00:00Z');

  it('goes on in the phase of the same name, wherever it stands now', () => {
    const later = new Date('2026-03-11T20:00:00Z');
    expect(places(revisePlan(second, configured(two, three), later))).toEqual([
      [0, 'two', '2026-03-11T08:30:00.000Z', '2026-03-13T08:30:00.000Z'],
      [1, 'three', '2026-03-13T08:30:00.000Z', null],
    ]);
    expect(places(revisePlan(second, configured(three, one, two), later))).toEqual([
      [2, 'two', '2026-03-11T08:30:00.000Z', '2026-03-13T08:30:00.000Z'],
    ]);
  });

  it('goes on at the same position where the name is gone, or in the last phase where there is none', () => {
    const renamed = configured(one, { ...two, name: 'other' }, three);
    expect(places(revisePlan(second, renamed, second.startsAt))[0]).toEqual([
      1,
      'other',
      '2026-03-11T08:30:00.000Z',
      '2026-03-13T08:30:00.000Z',
    ]);
    expect(places(revisePlan({ ...second, seq: 5 }, configured(one, three), second.startsAt))).toEqual([
      [1, 'three', '2026-03-11T08:30:00.000Z', null],
    ]);
    expect(revisePlan(first, [], now)).toEqual([]);
  });

  it('begins now with a phase whose limit is of another kind, and ends now what should have ended', () => {
    expect(places(revisePlan(first, configured({ ...one, limit: { perDay: '3' } }, three), now))).toEqual([
      [0, 'one', '2026-03-03T10:00:00.000Z', '2026-03-13T10:00:00.000Z'],
      [1, 'three', '2026-03-13T10:00:00.000Z', null],
    ]);
    expect(places(revisePlan(first, configured({ ...one, days: 1 }, two), now))).toEqual([
      [0, 'one', '2026-03-01T08:30:00.000Z', '2026-03-03T10:00:00.000Z'],
      [1, 'two', '2026-03-03T10:00:00.000Z', '2026-03-05T10:00:00.000Z'],
    ]);
  });

  it('moves the later phases forward by what an exhausted one leaves, each in its length', () => {
    const plan = planPhases(configured(one, two, { ...three, days: 4 }, { ...three, name: 'four' }), START);
    expect(places(advancePlan(plan, plan[1] as PlannedPhase, new Date('2026-03-11T09:00:00Z')))).toEqual([
      [1, 'two', '2026-03-11T08:30:00.000Z', '2026-03-11T09:00:00.000Z'],
      [2, 'three', '2026-03-11T09:00:00.000Z', '2026-03-15T09:00:00.000Z'],
      [3, 'four', '2026-03-15T09:00:00.000Z', null],
    ]);
  });
});

describe('the cadence', () => {
  it('counts from the start of a phase with a total limit, whatever the time of day', () => {
    const odd = { ...launch, startsAt: new Date('2026-03-01T08:10:00Z'), everyMs: 45 * 60_000 };
    expect(nextTick(odd, new Date('2026-03-02T00:00:00Z'))).toEqual(new Date('2026-03-02T00:40:00Z'));
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
