import { planPhases } from '@orchestrator/shared/budget/plan.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { describe, expect, it } from 'vitest';
import { type ForecastQuestion, forecastStarts } from './forecast.ts';

const START = new Date('2030-03-01T00:00:00Z');
const USD = 1_000_000_000n;
const phases = (...list: unknown[]) =>
  planPhases(OrchestratorConfig.parse({ budget: { phases: list } }).budget.phases, START);
const cost = (predicted: bigint, needed = predicted, largestCall = needed) => ({
  predictedNanoUsd: predicted,
  neededNanoUsd: needed,
  largestCallNanoUsd: largestCall,
});
const tasks = (...keys: string[]) => keys.map((key) => ({ key, after: [] as string[] }));

function starts(question: Partial<ForecastQuestion>): string[] {
  const answer = forecastStarts({
    plan: phases({ name: 'one', limit: { total: 30 }, every: '30m' }),
    now: START,
    freeNanoUsd: null,
    cost: cost(USD / 4n),
    tasksPerTick: 1,
    tasks: [],
    ...question,
  });
  return [...answer].map(([key, at]) => `${key} ${at.toISOString().replace(/^2030-|:00\.000Z$/g, '')}`);
}

describe('forecast of starts', () => {
  it('starts one task a tick, by the cadence', () => {
    expect(starts({ tasks: tasks('a', 'b', 'c') })).toEqual(['a 03-01T00:00', 'b 03-01T00:30', 'c 03-01T01:00']);
    expect(starts({ tasks: tasks('a', 'b', 'c'), tasksPerTick: 2 })).toEqual([
      'a 03-01T00:00',
      'b 03-01T00:00',
      'c 03-01T00:30',
    ]);
  });

  it('waits for the next day when the day is spent', () => {
    const plan = phases({ name: 'daily', limit: { perDay: '0.50' }, every: '3h30m' });
    expect(starts({ plan, tasks: tasks('a', 'b', 'c', 'd', 'e') })).toEqual([
      'a 03-01T00:00',
      'b 03-01T03:30',
      'c 03-02T00:00',
      'd 03-02T03:30',
      'e 03-03T00:00',
    ]);
  });

  it('counts what is taken of the window of the moment', () => {
    const plan = phases({ name: 'daily', limit: { perDay: '0.50' }, every: '3h30m' });
    expect(starts({ plan, freeNanoUsd: USD / 10n, tasks: tasks('a') })).toEqual(['a 03-02T00:00']);
  });

  it('goes from phase to phase', () => {
    const plan = phases(
      { name: 'launch', limit: { total: '0.30' }, days: 2, every: '30m' },
      { name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' },
    );
    expect(starts({ plan, tasks: tasks('a', 'b') })).toEqual(['a 03-01T00:00', 'b 03-03T00:00']);
  });

  it('keeps dependents until the tick after the last task that they depend on', () => {
    const list = [
      { key: 'c', after: ['a', 'b'] },
      { key: 'a', after: [] },
      { key: 'b', after: [] },
      { key: 'd', after: ['c'] },
    ];
    expect(starts({ tasks: list, tasksPerTick: 5 })).toEqual([
      'a 03-01T00:00',
      'b 03-01T00:00',
      'c 03-01T00:30',
      'd 03-01T01:00',
    ]);
  });

  it('lets a task that is larger than every window begin with a whole one, and carries over what it costs', () => {
    const plan = phases({ name: 'daily', limit: { perDay: '0.50' }, every: '3h30m' });
    expect(starts({ plan, cost: cost((USD * 3n) / 4n, USD, USD / 4n), tasks: tasks('a', 'b') })).toEqual([
      'a 03-01T00:00',
      'b 03-03T00:00',
    ]);
  });

  it('never starts a task of which one call is larger than every window', () => {
    const plan = phases({ name: 'daily', limit: { perDay: '0.50' }, every: '3h30m' });
    expect(starts({ plan, cost: cost(USD, USD, USD), tasks: tasks('a') })).toEqual([]);
  });

  it('starts nothing after the last money', () => {
    const plan = phases({ name: 'once', limit: { total: '0.50' }, days: 1, every: '30m' });
    expect(starts({ plan, tasks: tasks('a', 'b', 'c') })).toEqual(['a 03-01T00:00', 'b 03-01T00:30']);
  });

  it('forecasts ten thousand tasks of a chain in a moment', () => {
    const plan = phases({ name: 'daily', limit: { perDay: '5' }, every: '30m' });
    const list = Array.from({ length: 10_000 }, (_, i) => ({ key: `t${i}`, after: i === 0 ? [] : [`t${i - 1}`] }));
    const began = performance.now();
    expect(starts({ plan, tasks: list })).toHaveLength(10_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
