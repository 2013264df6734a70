import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeFault, faultSchedule } from './schedule.ts';
import { WINDOW_NAMES, WINDOWS } from './windows.ts';

const GATE = join(import.meta.dirname, '../../../../.ci/run');
const KINDS = [
  'kill-in-window',
  'kill',
  'freeze',
  'flush',
  'redis-down',
  'postgres-restarts',
  'terminate-backends',
  'triple-delivery',
  'wrong-clock',
  'cut',
];

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(faultSchedule(7, 600_000)).toEqual(faultSchedule(7, 600_000));
    expect(faultSchedule(7, 600_000)).not.toEqual(faultSchedule(8, 600_000));
  });

  it('begins a longer run as a shorter one, so that a failure is met again', () => {
    const short = faultSchedule(7, 60_000);
    expect(faultSchedule(7, 600_000).slice(0, short.length)).toEqual(short);
  });

  it('holds every kind of fault and every window in each round', () => {
    for (let seed = 0; seed < 50; seed++) {
      const faults = faultSchedule(seed, 120_000).map(({ fault }) => fault);
      expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(KINDS));
      const killed = faults.flatMap((fault) => (fault.kind === 'kill-in-window' ? fault.window : []));
      expect(new Set(killed)).toEqual(new Set(WINDOW_NAMES));
    }
  });

  it('holds everything within the minute that the gate has for it', () => {
    const [, seed, minutes] = /chaos -- --seed (\d+) --minutes (\d+)/.exec(readFileSync(GATE, 'utf8')) ?? [];
    const faults = faultSchedule(Number(seed), Number(minutes) * 60_000).map(({ fault }) => fault);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(KINDS));
    const killed = faults.flatMap((fault) => (fault.kind === 'kill-in-window' ? fault.window : []));
    expect(new Set(killed)).toEqual(new Set(WINDOW_NAMES));
  });

  it('aims at a window only where there is one', () => {
    for (const { fault } of faultSchedule(3, 3_600_000)) {
      if (fault.kind === 'kill-in-window' || fault.kind === 'freeze')
        expect(WINDOWS[fault.window]).toContain(fault.slot.service);
      expect(describeFault(fault)).not.toContain('undefined');
    }
  });
});
