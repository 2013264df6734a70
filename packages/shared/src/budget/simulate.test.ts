import { describe, expect, it } from 'vitest';
import { Phase } from '../config/schema.ts';
import { planPhases } from './plan.ts';
import { type SimulationInput, simulate } from './simulate.ts';

const USD = 1_000_000_000n;
const START = new Date('2026-03-01T08:00:00Z');
const phases = [
  Phase.parse({ name: 'launch', limit: { total: '30' }, days: 10, every: '30m' }),
  Phase.parse({ name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' }),
];
const input = (rest: Partial<SimulationInput> = {}): SimulationInput => ({
  plan: planPhases(phases, START),
  from: START,
  days: 30,
  tasks: 1_000,
  tasksPerTick: 1,
  predictedNanoUsd: USD / 10n,
  neededNanoUsd: USD / 5n,
  deadlineMs: 300_000,
  committedNanoUsd: 0n,
  ...rest,
});

describe('a simulated budget', () => {
  it('starts a task at each tick until the money of the launch is gone, then four a day', () => {
    const { starts, days, spentNanoUsd, doneAt } = simulate(input());
    // $30 hold 299 tasks of $0.10, the last of which needs $0.20 free; the 20 whole days and the end of the tenth hold four.
    expect(starts.filter((start) => start.phase === 'launch')).toHaveLength(299);
    expect(starts[1]).toEqual({
      at: new Date('2026-03-01T08:30:00Z'),
      task: 2,
      phase: 'launch',
      freeNanoUsd: 30n * USD - USD / 5n,
    });
    // The launch lasts its ten days although its money is gone: nothing says that it should not.
    expect(starts.find((start) => start.phase === 'steady')?.at).toEqual(new Date('2026-03-11T08:00:00Z'));
    expect(
      starts
        .filter((start) => start.at >= new Date('2026-03-12T00:00:00Z') && start.at < new Date('2026-03-13T00:00:00Z'))
        .map((start) => start.at.toISOString().slice(11, 16)),
    ).toEqual(['00:00', '03:30', '07:00', '10:30']);
    expect(days.find((day) => day.day === '2026-03-12')).toEqual({
      day: '2026-03-12',
      phases: ['steady'],
      started: 4,
      spentNanoUsd: (USD * 2n) / 5n,
      waited: 1_000 - starts.findIndex((start) => start.at.toISOString().startsWith('2026-03-12T10:30')) - 1,
    });
    expect(spentNanoUsd).toBe((USD / 10n) * BigInt(starts.length));
    expect(doneAt).toBeNull();
  });

  it('never spends more in a window than its limit', () => {
    for (const neededNanoUsd of [1n, USD / 7n, USD / 2n, USD, 40n * USD]) {
      const { starts } = simulate(
        input({
          neededNanoUsd,
          predictedNanoUsd: neededNanoUsd < USD / 3n ? neededNanoUsd : USD / 3n,
          tasksPerTick: 3,
        }),
      );
      for (const start of starts) expect(start.freeNanoUsd).toBeGreaterThanOrEqual(0n);
    }
  });

  it('is done when the last task has begun', () => {
    expect(simulate(input({ tasks: 3, tasksPerTick: 2 }))).toMatchObject({
      starts: [
        { task: 1, at: START },
        { task: 2, at: START },
        { task: 3, at: new Date('2026-03-01T08:30:00Z') },
      ],
      doneAt: new Date('2026-03-01T08:30:00Z'),
      nextAt: null,
      days: [{ day: '2026-03-01', started: 3, waited: 0 }],
    });
    expect(simulate(input({ tasks: 0 }))).toMatchObject({ starts: [], doneAt: START });
  });

  it('goes on from what is committed already', () => {
    const { starts } = simulate(input({ committedNanoUsd: 30n * USD - USD / 5n, tasks: 2 }));
    expect(starts.map((start) => [start.phase, start.at.toISOString()])).toEqual([
      ['launch', '2026-03-01T08:00:00.000Z'],
      ['steady', '2026-03-11T08:00:00.000Z'],
    ]);
  });

  it('moves to the next phase at once where the plan says so', () => {
    const plan = planPhases([{ ...(phases[0] as Phase), advanceWhenExhausted: true }, phases[1] as Phase], START);
    const { starts } = simulate(input({ plan, committedNanoUsd: 30n * USD, tasks: 1 }));
    expect(starts).toMatchObject([{ phase: 'steady', at: START }]);
    // Not before its money is gone, and not out of the last phase.
    expect(simulate(input({ plan, tasks: 3 })).starts.map((start) => start.phase)).toEqual(Array(3).fill('launch'));
    const only = planPhases([{ ...(phases[1] as Phase), advanceWhenExhausted: true }], START);
    const ahead = simulate(input({ plan: only, tasks: 8 }));
    expect(ahead.starts.at(-1)).toMatchObject({ task: 8, at: new Date('2026-03-02T10:30:00Z') });
  });

  it('goes on without end in a phase that is open', () => {
    const plan = planPhases([Phase.parse({ name: 'open', limit: { total: '3' }, every: '1h' })], START);
    expect(simulate(input({ plan, tasks: 5 })).starts).toHaveLength(5);
  });

  it('begins no task that the end of its window would cut', () => {
    const at = new Date('2026-03-12T23:58:00Z');
    expect(simulate(input({ from: at, tasks: 1 })).starts).toMatchObject([{ at: new Date('2026-03-13T00:00:00Z') }]);
    const justInTime = new Date('2026-03-12T23:55:00Z');
    expect(simulate(input({ from: justInTime, tasks: 1 })).starts).toMatchObject([{ at: justInTime }]);
  });

  it('starts a task that is larger than any window with a fresh one, and none that costs more than one', () => {
    expect(
      simulate(
        input({ from: new Date('2026-03-12T00:00:00Z'), days: 3, predictedNanoUsd: USD / 2n, neededNanoUsd: USD }),
      ).starts.map((start) => start.at.toISOString()),
    ).toEqual(['2026-03-12T00:00:00.000Z', '2026-03-13T00:00:00.000Z', '2026-03-14T00:00:00.000Z']);
    expect(
      simulate(input({ from: new Date('2026-03-12T00:00:00Z'), predictedNanoUsd: USD, neededNanoUsd: USD })),
    ).toMatchObject({ starts: [], nextAt: null });
  });

  it('ends with the last phase', () => {
    const plan = planPhases([phases[0] as Phase], START);
    const { days } = simulate(input({ plan }));
    expect(days.at(-1)?.day).toBe('2026-03-11');
  });
});
