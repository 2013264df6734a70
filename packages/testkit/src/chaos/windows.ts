/** The services of the full stack, with how many processes of each a chaos run has. */
export const SERVICES = { scheduler: 2, analyzer: 2, coder: 2, validator: 3, notifier: 2 } as const;
export type Service = keyof typeof SERVICES;

/**
 * The moments in which a process that dies could lose work or do it twice. A service process of the harness stops in one
 * of them when it is told to: see process/windows.ts.
 */
export const WINDOWS = {
  /** A message was taken from the queue, and the stage run is not claimed yet. */
  'before-claim': ['analyzer', 'coder', 'validator', 'notifier'],
  /** The stage run is claimed, and nothing was done for it. */
  'after-claim': ['analyzer', 'coder', 'validator', 'notifier'],
  /** A request to a model is on its way, commands run in the sandbox, a branch is being published. */
  'mid-effect': ['analyzer', 'coder', 'validator', 'notifier'],
  /** A model has answered, which is billed, and the answer is not recorded: the one that may be paid for twice. */
  'before-record': ['analyzer', 'coder'],
  /** The work is done, and its result is not stored. */
  'before-commit': ['analyzer', 'coder', 'validator', 'notifier'],
  /** The result is stored, and the next stage, which counts as published, is not with the queue. */
  'before-hand-over': ['analyzer', 'coder', 'validator'],
  /** The result is stored, and the queue still thinks that the message is being worked on. */
  'before-ack': ['analyzer', 'coder', 'validator', 'notifier'],
  /** Messages are with the queue, and the outbox does not know it. */
  'before-mark-sent': ['scheduler'],
  /** A channel has taken a notice, and the delivery is not marked as sent. */
  'notice-sent': ['notifier'],
} as const satisfies Record<string, readonly Service[]>;

export type Window = keyof typeof WINDOWS;
export const WINDOW_NAMES = Object.keys(WINDOWS) as Window[];
