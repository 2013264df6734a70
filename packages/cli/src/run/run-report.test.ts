import type { RunView } from '@orchestrator/shared/read/runs.ts';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../terminal.ts';
import { exitCodeOf, type RunReport, renderRun, runData } from './run-report.ts';

const run = (over: Partial<RunView>): RunView => ({
  run: 'r1',
  task: 'a',
  title: 'A',
  repository: '/r',
  state: 'in_review',
  round: 1,
  stage: null,
  stageState: null,
  waiting: null,
  spentNanoUsd: 10_000_000n,
  heldNanoUsd: 0n,
  tokens: 1,
  branch: 'ai/a',
  url: null,
  patch: '/h/a.patch',
  endCode: null,
  endMessage: null,
  createdAt: new Date(0),
  endedAt: new Date(1),
  ...over,
});
const report = (over: Partial<RunReport> = {}): RunReport => ({
  repository: '/r',
  runs: [],
  skipped: [],
  problems: [],
  ticks: 1,
  wallMs: 1000,
  interrupted: false,
  idleTask: null,
  ...over,
});
const waiting = (reason: string, code: string | null = null): Partial<RunView> => ({
  state: 'coding',
  stage: 'code',
  stageState: 'pending',
  endedAt: null,
  waiting: { reason, until: new Date(60_000), code, message: 'a message', next: 'Do this.' },
});

const PUBLISHED = run({});
const REJECTED = run({ state: 'rejected', endCode: 'NO_PROGRESS', endMessage: 'The same failure.' });
const POOR = run(waiting('budget'));
const KEYLESS = run(waiting('configuration', 'KEY_REJECTED'));
const UNSAFE = run(waiting('sandbox', 'SANDBOX_UNAVAILABLE'));

describe('exitCodeOf', () => {
  it.each([
    ['nothing to do', report(), undefined, 0],
    ['published', report({ runs: [PUBLISHED] }), undefined, 0],
    ['one rejected among published', report({ runs: [PUBLISHED, REJECTED] }), undefined, 7],
    ['waits for money', report({ runs: [POOR] }), undefined, 0],
    ['the task waits for money', report({ runs: [POOR] }), 'a', 5],
    [
      'the task was not started for money',
      report({ skipped: [{ taskKey: 'a', code: 'BUDGET', reason: 'x' }] }),
      'a',
      5,
    ],
    ['the task is published', report({ runs: [PUBLISHED] }), 'a', 0],
    ['a wrong key', report({ runs: [KEYLESS, REJECTED] }), undefined, 4],
    ['no sandbox', report({ runs: [UNSAFE] }), 'a', 6],
  ])('%s', (_name, given, task, expected) => {
    expect(exitCodeOf(given, task)).toBe(expected);
  });
});

describe('renderRun', () => {
  const view = viewOf({ write: () => {} }, {});

  it('says what a person has to do, and where to look', () => {
    const text = renderRun(report({ runs: [KEYLESS, REJECTED] }), view);

    expect(text).toContain('waits for you to put this right: KEY_REJECTED a message');
    expect(text).toContain('What to do: Do this.');
    expect(text).toContain('orchestrator logs --task a');
    expect(text).toContain('Spent $0.0200');
  });

  it('names thousands of tasks that wait for the same in one line', () => {
    const skipped = Array.from({ length: 5000 }, (_, i) => ({
      taskKey: `t${i}`,
      code: 'BUDGET' as const,
      reason: 'Too dear.',
      until: new Date(0),
    }));

    expect(renderRun(report({ skipped }), view)).toContain(
      'Not started (5,000 tasks):\n  t0, t1, t2 and 4997 more: Too dear. Next try at 1970-01-01 00:00 UTC.',
    );
  });

  it('does not say that all is done when it was interrupted', () => {
    expect(renderRun(report({ interrupted: true }), view)).toMatch(/^Interrupted/);
    expect(renderRun(report(), view)).toMatch(/^Nothing to do/);
  });
});

it('counts results for programs', () => {
  expect(runData(report({ runs: [PUBLISHED, REJECTED, POOR, KEYLESS] }))).toMatchObject({
    summary: { started: 4, published: 1, rejected: 1, failed: 0, waiting: 2, spentNanoUsd: 40_000_000n },
  });
});
