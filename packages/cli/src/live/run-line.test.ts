import { describe, expect, it } from 'vitest';
import { viewOf } from '../terminal.ts';
import { openPlainLines } from './plain-lines.ts';
import { liveLine, type WatchedRun } from './run-line.ts';

const now = new Date('2026-03-01T12:00:00Z');
const run = (over: Partial<WatchedRun> = {}): WatchedRun => ({
  run: 'r1',
  task: 'slug_001',
  title: 'A task',
  repository: '/r',
  state: 'coding',
  round: 2,
  stage: 'code',
  stageState: 'running',
  waiting: null,
  spentNanoUsd: 12_345_678n,
  heldNanoUsd: 0n,
  tokens: 10,
  branch: 'ai/slug_001',
  url: null,
  patch: null,
  endCode: null,
  endMessage: null,
  createdAt: now,
  endedAt: null,
  doing: 'asking the model',
  since: new Date(now.getTime() - 5000),
  ...over,
});
const view = { ...viewOf({ write: () => {} }, {}), width: 80 };

describe('liveLine', () => {
  it('shows stage, round, cost and what is being done', () => {
    expect(liveLine(run(), view, now, '*')).toBe('* slug_001  $0.0123  coding 2 5s asking the model');
  });

  it('shows what a run waits for, and until when', () => {
    const waiting = {
      reason: 'budget',
      until: new Date('2026-03-02T00:00:00Z'),
      code: null,
      message: null,
      next: null,
    };

    expect(liveLine(run({ waiting }), view, now, '*')).toBe(
      '◷ slug_001  $0.0123  waiting waits for money until 2026-03-02 00:00 UTC (12h)',
    );
  });

  it('shows why a run ended without a change', () => {
    const ended = run({
      state: 'rejected',
      stage: null,
      endCode: 'NO_PROGRESS',
      endMessage: 'The same failure came back.',
    });

    expect(liveLine(ended, view, now, '*')).toBe(
      '✘ slug_001  $0.0123  rejected NO_PROGRESS The same failure came back.',
    );
  });
});

describe('openPlainLines', () => {
  it('writes one line for each change, and none for the same state again', () => {
    let text = '';
    const lines = openPlainLines({
      write: (part) => {
        text += part;
      },
    });

    lines.show([run()]);
    lines.show([run({ doing: 'something else', spentNanoUsd: 1n })]);
    lines.show([run({ state: 'validating', stage: 'validate' })]);

    expect(
      text
        .trim()
        .split('\n')
        .map((line) => line.slice(9)),
    ).toEqual(['slug_001 coding 2 $0.0123', 'slug_001 validation 2 $0.0123']);
  });
});
