import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CallResult, OUTCOMES, outcomeOf } from './outcomes.ts';
import { outcomesPage } from './outcomes-page.ts';

const results = Object.keys(OUTCOMES) as CallResult[];

describe('the outcome table', () => {
  it('gives an answer or names an error for every result that the client can see and still matters to a caller', () => {
    const silent = results.filter((result) => outcomeOf(result).next !== 'reply' && !outcomeOf(result).error);

    expect(silent).toEqual(['aborted', 'process_death']);
  });

  it('releases money only where the vendor cannot have worked', () => {
    const released = results.filter((result) => outcomeOf(result).money === 'release');

    expect(released).toEqual([
      'not_sent',
      'rate_limited',
      'overloaded',
      'server_error',
      'spend_limit',
      'key_rejected',
      'not_offered',
      'rejected',
    ]);
  });

  it('is what docs/model-outcomes.md shows', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/model-outcomes.md'), 'utf8');

    expect(page).toBe(outcomesPage());
  });
});
