/**
 * READ FIRST. The transition table of a run: which stage runs in which state, and what follows each outcome.
 *
 *   queued -> baselining -> analyzing -> coding -> validating -> publishing -> in_review -> merged | rejected
 *                                           ^           |
 *                                           +-- rework -+   (next round)
 *
 * `parked` is no state: a stage run that waits keeps its place. `cancelled` can follow any state that is not terminal.
 */
export const STAGES = ['baseline', 'analyze', 'code', 'validate', 'publish'] as const;
export type Stage = (typeof STAGES)[number];

export const RUN_STATES = [
  'queued',
  'baselining',
  'analyzing',
  'coding',
  'validating',
  'publishing',
  'in_review',
  'merged',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** No stage of such a run is worked on. `in_review` waits for people, not for us. */
export const SETTLED_STATES: readonly RunState[] = ['in_review', 'merged', 'rejected', 'failed', 'cancelled'];

/** Which service works on a stage: one queue a service, since capacity is the service's. */
export const QUEUE_OF = {
  baseline: 'validator',
  analyze: 'analyzer',
  code: 'coder',
  validate: 'validator',
  publish: 'notifier',
} as const satisfies Record<Stage, string>;
export type QueueName = (typeof QUEUE_OF)[Stage];
export const QUEUES = ['analyzer', 'coder', 'validator', 'notifier'] as const satisfies readonly QueueName[];

export type TransitionKind = 'advance' | 'rework' | 'reject' | 'fail';

interface Row {
  /** The run's state while the stage is pending or running. */
  readonly during: RunState;
  /** The stage that follows `advance`; null: the run is published. */
  readonly next: Stage | null;
  /** The stage that follows `rework`, in the next round; undefined: the stage may not ask for rework. */
  readonly rework?: Stage;
}

export const MACHINE: Readonly<Record<Stage, Row>> = {
  baseline: { during: 'baselining', next: 'analyze' },
  analyze: { during: 'analyzing', next: 'code' },
  code: { during: 'coding', next: 'validate' },
  validate: { during: 'validating', next: 'publish', rework: 'code' },
  publish: { during: 'publishing', next: null },
};

export interface Transition {
  readonly state: RunState;
  readonly round: number;
  /** The stage to run next; null where the run is settled. */
  readonly stage: Stage | null;
}

/** What follows `kind` at the end of `stage` in `round`. Pure. Throws on a transition that the table does not have. */
export function transition(stage: Stage, round: number, kind: TransitionKind): Transition {
  const row = MACHINE[stage];
  switch (kind) {
    case 'advance':
      return row.next === null
        ? { state: 'in_review', round, stage: null }
        : { state: MACHINE[row.next].during, round, stage: row.next };
    case 'rework':
      if (row.rework === undefined) throw new Error(`stage ${stage} may not ask for rework`);
      return { state: MACHINE[row.rework].during, round: round + 1, stage: row.rework };
    case 'reject':
      return { state: 'rejected', round, stage: null };
    case 'fail':
      return { state: 'failed', round, stage: null };
  }
}
