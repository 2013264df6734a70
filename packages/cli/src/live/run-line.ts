import type { RunView } from '@orchestrator/shared/read/runs.ts';
import { cost, endText, painted, resultOf } from '../show/run-words.ts';
import { coarse, plainText } from '../show/words.ts';
import type { View } from '../terminal.ts';

/** A run and what it is doing at the moment. */
export interface WatchedRun extends RunView {
  readonly doing: string | null;
  /** When the state last changed, by this process's clock. */
  readonly since: Date;
}

const ACTIVITY = {
  baseline: 'baseline',
  analyze: 'specification',
  code: 'coding',
  validate: 'validation',
  publish: 'publishing',
} as const;

export const stageText = ({ stage, round }: Pick<RunView, 'stage' | 'round'>): string =>
  stage === null ? '' : `${ACTIVITY[stage]}${stage === 'code' || stage === 'validate' ? ` ${round}` : ''}`;

/** One line of the live view; `frame` turns. */
export function liveLine(run: WatchedRun, { paint }: View, now: Date, frame: string): string {
  const result = resultOf(run);
  const seconds = coarse(now.getTime() - run.since.getTime());
  const mark = {
    published: '✔',
    merged: '✔',
    rejected: '✘',
    failed: '✘',
    cancelled: '–',
    waiting: '◷',
    working: frame,
  }[result];
  const what =
    result === 'working'
      ? `${paint('bold', stageText(run))} ${paint('dim', seconds)} ${plainText(run.doing ?? '')}`
      : `${painted(result, paint)} ${endText(run, now)}`;
  return `${mark} ${run.task}  ${cost(run)}  ${what}`;
}

/** What changed, for a log of plain lines. Equal keys mean that there is nothing new to say. */
export const changeKey = (run: WatchedRun): string =>
  [run.state, run.round, run.stage, run.waiting?.reason, run.waiting?.until.toISOString()].join(' ');

export function plainLine(run: WatchedRun, now: Date): string {
  const result = resultOf(run);
  const what = result === 'working' ? stageText(run) : `${result}: ${endText(run, now)}`;
  return `${now.toISOString().slice(11, 19)} ${run.task} ${what} ${cost(run)}`;
}
