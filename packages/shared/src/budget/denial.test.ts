import { describe, expect, it } from 'vitest';
import { denied, gravest, type Refusal, refusal, type Standing } from './denial.ts';
import type { FreezeReason } from './freeze.ts';
import type { PlannedPhase } from './plan.ts';
import type { WindowState } from './windows.ts';

const NOW = new Date('2026-03-01T08:00:00Z');
const TOMORROW = new Date('2026-03-02T00:00:00Z');
const phase = (rest: Partial<PlannedPhase> = {}): PlannedPhase => ({
  seq: 0,
  name: 'steady',
  kind: 'per_utc_day',
  limitNanoUsd: 500n,
  everyMs: 60_000,
  advanceWhenExhausted: false,
  startsAt: new Date('2026-03-01T00:00:00Z'),
  endsAt: null,
  ...rest,
});
const window = (rest: Partial<WindowState> = {}): WindowState => ({
  budgetId: 'global',
  now: NOW,
  id: 'w',
  startsAt: new Date('2026-03-01T00:00:00Z'),
  endsAt: TOMORROW,
  limitNanoUsd: 500n,
  reservedNanoUsd: 0n,
  settledNanoUsd: 0n,
  frozenAt: null,
  frozenReason: null,
  ...rest,
});
const standing = (rest: Partial<Standing> = {}): Standing => ({
  budgetId: 'global',
  now: NOW,
  plan: [phase()],
  window: window(),
  ...rest,
});
const HOUR = 3_600_000;

describe('the refusal of a budget', () => {
  it('is none while amount and time fit, to the last unit of both', () => {
    expect(refusal(standing(), 500n, 16 * HOUR)).toBeUndefined();
    expect(
      refusal(standing({ window: window({ reservedNanoUsd: 100n, settledNanoUsd: 300n }) }), 100n, 1),
    ).toBeUndefined();
    expect(
      refusal(standing({ plan: [phase({ kind: 'total' })], window: window({ endsAt: null }) }), 500n, 1e12),
    ).toBeUndefined();
  });

  it('waits for calls in flight where what they hold would be enough', () => {
    const held = standing({ window: window({ reservedNanoUsd: 400n, settledNanoUsd: 50n }) });
    expect(refusal(held, 51n, 1)).toMatchObject({
      kind: 'WAIT_SETTLING',
      until: new Date('2026-03-01T08:00:05Z'),
      reason: 'calls are in flight',
    });
    expect(refusal(held, 450n, 1)).toMatchObject({ kind: 'WAIT_SETTLING' });
    expect(refusal(held, 451n, 1)).toMatchObject({ kind: 'WAIT_WINDOW', until: TOMORROW });
  });

  it('waits for the next window where money or time of this one is gone', () => {
    const spent = standing({ window: window({ settledNanoUsd: 450n }) });
    expect(refusal(spent, 51n, 1)).toMatchObject({
      kind: 'WAIT_WINDOW',
      until: TOMORROW,
      limitNanoUsd: 500n,
      reason: 'the window is spent',
    });
    expect(refusal(standing(), 1n, 16 * HOUR + 1)).toMatchObject({ kind: 'WAIT_WINDOW', until: TOMORROW });
    // In flight or not: a call that the end of the window would cut is not let through.
    expect(refusal(standing({ window: window({ reservedNanoUsd: 500n }) }), 1n, 16 * HOUR + 1)).toMatchObject({
      kind: 'WAIT_WINDOW',
    });
  });

  it('never fits where no window of the plan is that large', () => {
    expect(refusal(standing(), 501n, 1)).toMatchObject({
      kind: 'NEVER_FITS',
      until: null,
      limitNanoUsd: 500n,
      reason: 'no window is that large',
    });
    const launched = [
      phase({ kind: 'total', limitNanoUsd: 900n, endsAt: TOMORROW }),
      phase({ seq: 1, startsAt: TOMORROW }),
    ];
    expect(
      refusal(standing({ plan: launched, window: window({ limitNanoUsd: 900n, settledNanoUsd: 300n }) }), 700n, 1),
    ).toMatchObject({ kind: 'FROZEN', until: null });
    expect(refusal(standing({ plan: launched, window: window({ limitNanoUsd: 900n }) }), 901n, 1)).toMatchObject({
      kind: 'NEVER_FITS',
      limitNanoUsd: 900n,
    });
  });

  it('is frozen where it is spent and nothing follows, except for a task, for which nobody waits', () => {
    const plan = [phase({ kind: 'total' })];
    const spent = window({ endsAt: null, settledNanoUsd: 500n });
    expect(refusal(standing({ plan, window: spent }), 1n, 1)).toMatchObject({
      kind: 'FROZEN',
      until: null,
      limitNanoUsd: 500n,
      reason: 'it is spent and no later window follows',
    });
    expect(refusal(standing({ plan, window: spent }), 500n, 1)).toMatchObject({ kind: 'FROZEN' });
    expect(refusal(standing({ budgetId: 'task:1', plan, window: spent }), 1n, 1)).toMatchObject({
      kind: 'NEVER_FITS',
      until: null,
    });
  });

  it('says until when a frozen window lasts, and why', () => {
    const frozen = (frozenReason: FreezeReason) =>
      refusal(standing({ window: window({ frozenAt: NOW, frozenReason }) }), 1n, 1);
    expect(frozen('overrun')).toMatchObject({
      kind: 'FROZEN',
      until: TOMORROW,
      limitNanoUsd: 500n,
      reason: expect.stringContaining('more than its bound'),
    });
    expect(frozen('audit')?.reason).toContain('counters differ');
    expect(frozen('not_as_priced')?.reason).toContain('was not of the model');
    expect(frozen('limit_lowered')?.reason).toContain('lowered below');
    const last = standing({
      plan: [phase({ kind: 'total' })],
      window: window({ endsAt: null, frozenAt: NOW, frozenReason: 'overrun' }),
    });
    expect(refusal(last, 1n, 1)).toMatchObject({ kind: 'FROZEN', until: null });
  });

  it('knows a budget that does not exist, has not begun, or is over', () => {
    expect(refusal(standing({ plan: undefined, window: undefined }), 1n, 1)).toMatchObject({
      kind: 'FROZEN',
      until: null,
      limitNanoUsd: 0n,
      reason: 'there is no budget "global"',
    });
    const later = [phase({ startsAt: TOMORROW })];
    expect(refusal(standing({ plan: later, window: undefined }), 1n, 1)).toMatchObject({
      kind: 'WAIT_WINDOW',
      until: TOMORROW,
      limitNanoUsd: 500n,
      reason: 'no phase has begun',
    });
    const over = [phase({ endsAt: NOW })];
    expect(refusal(standing({ plan: over, window: undefined }), 1n, 1)).toMatchObject({
      kind: 'FROZEN',
      until: null,
      limitNanoUsd: 500n,
      reason: 'its last phase has ended',
    });
  });
});

describe('several refusals', () => {
  const one = (kind: Refusal['kind'], until: Date | null = null, budgetId = 'b'): Refusal => ({
    budgetId,
    kind,
    until,
    limitNanoUsd: 1n,
    reason: '',
  });

  it('speak by the gravest of them', () => {
    const all = [one('WAIT_SETTLING', NOW), one('NEVER_FITS'), one('WAIT_WINDOW', TOMORROW), one('FROZEN')];
    expect(gravest(all)?.kind).toBe('NEVER_FITS');
    expect(gravest(all.filter((refused) => refused.kind !== 'NEVER_FITS'))?.kind).toBe('FROZEN');
    expect(gravest([one('WAIT_WINDOW', NOW), one('WAIT_SETTLING', TOMORROW)])?.kind).toBe('WAIT_WINDOW');
    expect(gravest([])).toBeUndefined();
  });

  it('wait for the latest, and for no known time where one of them knows none', () => {
    expect(gravest([one('WAIT_WINDOW', NOW), one('WAIT_WINDOW', TOMORROW)])?.until).toEqual(TOMORROW);
    expect(gravest([one('WAIT_WINDOW', TOMORROW), one('WAIT_WINDOW', NOW)])?.until).toEqual(TOMORROW);
    expect(gravest([one('WAIT_WINDOW', NOW), one('WAIT_WINDOW', NOW, 'c')])?.budgetId).toBe('b');
    expect(gravest([one('FROZEN', TOMORROW), one('FROZEN', null, 'c')])).toMatchObject({ until: null, budgetId: 'c' });
    expect(gravest([one('FROZEN', null, 'c'), one('FROZEN', TOMORROW)])).toMatchObject({ until: null, budgetId: 'c' });
  });

  it('become an error that says amount, limit, budget and time', () => {
    const error = denied(
      { ...one('WAIT_WINDOW', TOMORROW, 'global'), limitNanoUsd: 500_000_000n, reason: 'the window is spent' },
      123n,
    );
    expect(error).toMatchObject({
      name: 'BudgetDenied',
      code: 'BUDGET_WAIT_WINDOW',
      kind: 'WAIT_WINDOW',
      until: TOMORROW,
    });
    expect(error.detail).toEqual({
      budget: 'global',
      amount: '$0.000000123',
      limit: '$0.500000000',
      reason: 'the window is spent',
      until: TOMORROW.toISOString(),
    });
    expect(denied(one('NEVER_FITS'), 1n).detail.until).toBeNull();
  });
});
