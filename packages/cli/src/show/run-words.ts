import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { RunView, Waiting } from '@orchestrator/shared/read/runs.ts';
import type { Paint } from '../terminal.ts';
import { coarse, instant, plainText } from './words.ts';

/** What became of a run, in one word that people know. */
export type RunResult = 'published' | 'merged' | 'rejected' | 'failed' | 'cancelled' | 'waiting' | 'working';

export function resultOf({ state, stage, waiting }: Pick<RunView, 'state' | 'stage' | 'waiting'>): RunResult {
  if (state === 'in_review') return 'published';
  if (stage === null && (state === 'merged' || state === 'rejected' || state === 'failed' || state === 'cancelled'))
    return state;
  return waiting === null ? 'working' : 'waiting';
}

const COLORS = {
  published: 'green',
  merged: 'green',
  rejected: 'red',
  failed: 'red',
  cancelled: 'yellow',
  waiting: 'yellow',
  working: 'cyan',
} as const;

export const painted = (result: RunResult, paint: Paint): string => paint(COLORS[result], result);

const REASONS: Readonly<Record<string, string>> = {
  budget: 'for money',
  rate_limit: 'as the vendor asked',
  paused: 'while it is paused',
  retry: 'before it is tried again',
  sandbox: 'for you to put this right',
  configuration: 'for you to put this right',
};

const ONLY_A_PERSON = ['sandbox', 'configuration'];

/** It goes on when a person has put a key, a model or the machine right. */
export const needsPerson = ({ waiting }: Pick<RunView, 'waiting'>): boolean =>
  waiting !== null && ONLY_A_PERSON.includes(waiting.reason);

/** "waits for money until 2026-01-31 00:00 UTC (3h20m)" */
export function waitingText({ reason, until, code, message }: Waiting, now: Date): string {
  const cause = reason === 'budget' || message === null ? '' : `: ${code} ${plainText(message)}`;
  if (ONLY_A_PERSON.includes(reason)) return `waits ${REASONS[reason]}${cause}`;
  return `waits ${REASONS[reason] ?? reason} until ${instant(until)} (${coarse(until.getTime() - now.getTime())})${cause}`;
}

/** Where the change is, or why there is none. */
export function endText(run: RunView, now: Date): string {
  if (run.waiting !== null) return waitingText(run.waiting, now);
  if (run.endMessage !== null) return plainText(`${run.endCode ?? ''} ${run.endMessage}`.trim());
  return [run.url, run.branch, run.patch].filter(Boolean).join(' · ');
}

export const cost = (run: Pick<RunView, 'spentNanoUsd'>): string => formatUsd(run.spentNanoUsd, 4);
