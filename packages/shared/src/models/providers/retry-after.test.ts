import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = new Date('2026-11-22T12:00:00Z');
const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);

describe('the wait that a vendor asks for', () => {
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
    [{ 'retry-after': '99999999' }, 86_400_000],
  ])('reads %j as %i ms', (headers, expected) => {
    expect(read(headers)).toBe(expected);
  });

  it.each<Record<string, string>>([{}, { 'retry-after': 'soon' }, { 'retry-after': '' }])(
    'reads no wait from %j',
    (headers) => {
      expect(read(headers)).toBeNull();
    },
  );
});
