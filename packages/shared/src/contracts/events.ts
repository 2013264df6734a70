/** The events that a run or the budget can cause; `data` is plain JSON of at most a few KB. */
export const EVENT_TYPES = [
  'run.started',
  'run.specified',
  'run.coded',
  'run.validated',
  'run.published',
  'run.rejected',
  'run.failed',
  'run.cancelled',
  'run.parked',
  'run.merged',
  'budget.alert',
  'budget.phase',
  'budget.frozen',
  'milestone',
  'tasks.invalid',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface NewEvent {
  readonly type: EventType;
  readonly data: Record<string, unknown>;
}
