/**
 * What every result of one HTTP attempt means, for the money that was reserved for it and for the question that was
 * asked. The client acts by this table alone; docs/model-outcomes.md is written from it.
 *
 * money  settle: the exact cost is charged. release: the vendor did no work, nothing is charged. forfeit: what it cost
 *        is not known, so the most that it can have cost is charged.
 * next   reply: the caller gets the answer. retry: the question is asked again, a few times. wait: as retry, after the
 *        time that the vendor names. park: the stage waits without a
 *        worker, until a person has put right what the error names. fail: the caller gets an error.
 *        stop: the caller no longer wants an answer.
 */
export interface OutcomeRow {
  readonly when: string;
  readonly money: 'settle' | 'release' | 'forfeit';
  /** Besides, nothing more is spent from the windows until a person has looked. */
  readonly freezes?: true;
  readonly next: 'reply' | 'retry' | 'wait' | 'park' | 'fail' | 'stop';
  /** What the caller gets where no answer comes. */
  readonly error?:
    | 'KEY_REJECTED'
    | 'MODEL_REQUEST_REJECTED'
    | 'MODEL_NOT_OFFERED'
    | 'MODEL_SPEND_LIMIT'
    | 'MODEL_RATE_LIMITED'
    | 'MODEL_UNAVAILABLE'
    | 'MODEL_NOT_AS_PRICED';
}

export const OUTCOMES = {
  success: { when: 'A complete answer with its usage.', money: 'settle', next: 'reply' },
  truncated: { when: 'The answer reached the output limit. A normal bill.', money: 'settle', next: 'reply' },
  refusal: { when: 'The model declined. What it wrote until then is billed.', money: 'settle', next: 'reply' },
  missing_usage: {
    when: 'A complete answer whose usage is absent, impossible or has no price.',
    money: 'forfeit',
    next: 'reply',
  },
  wrong_model: {
    when: 'A complete answer of another model, service tier, speed or region than was priced.',
    money: 'forfeit',
    freezes: true,
    next: 'park',
    error: 'MODEL_NOT_AS_PRICED',
  },
  not_sent: {
    when: 'No connection: nothing of the request was written.',
    money: 'release',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  rate_limited: { when: 'HTTP 429.', money: 'release', next: 'wait', error: 'MODEL_RATE_LIMITED' },
  overloaded: {
    when: 'HTTP 503 or 529 before a byte of the answer.',
    money: 'release',
    next: 'wait',
    error: 'MODEL_UNAVAILABLE',
  },
  server_error: {
    when: 'HTTP 500, or another 5xx of the vendor itself, before a byte of the answer.',
    money: 'release',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  gateway_error: {
    when: 'HTTP 408, 499, 502, 504 or 520 to 527: something between us and the vendor gave up; the model may have worked.',
    money: 'forfeit',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  spend_limit: {
    when: "HTTP 402, or a 400, 403 or 429 that names the account's own spend limit or credit.",
    money: 'release',
    next: 'park',
    error: 'MODEL_SPEND_LIMIT',
  },
  key_rejected: { when: 'HTTP 401 or 403.', money: 'release', next: 'park', error: 'KEY_REJECTED' },
  not_offered: {
    when: 'HTTP 404: the vendor has no such model for this key, or there is no such address.',
    money: 'release',
    next: 'park',
    error: 'MODEL_NOT_OFFERED',
  },
  rejected: {
    when: 'Any other HTTP status that is not 200, redirects included: they are not followed.',
    money: 'release',
    next: 'fail',
    error: 'MODEL_REQUEST_REJECTED',
  },
  stream_error: {
    when: 'An error event after the answer began (HTTP 200), such as an overload.',
    money: 'forfeit',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  malformed: {
    when: 'HTTP 200, and bytes that are not the agreed format.',
    money: 'forfeit',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  reset: {
    when: 'The connection ended after the request was written and before the answer was complete.',
    money: 'forfeit',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  timeout: {
    when: 'No complete answer within models.<role>.timeout. The request is aborted.',
    money: 'forfeit',
    next: 'retry',
    error: 'MODEL_UNAVAILABLE',
  },
  aborted: {
    when: 'The caller gave up in the middle: lease lost, run cancelled, process shutting down.',
    money: 'forfeit',
    next: 'stop',
  },
  process_death: {
    when: 'The process died between reservation and commit. The reservation expires and is forfeited.',
    money: 'forfeit',
    next: 'retry',
  },
} as const satisfies Record<string, OutcomeRow>;

export type CallResult = keyof typeof OUTCOMES;

/** Results that the client itself can see. */
export type SeenResult = Exclude<CallResult, 'process_death'>;

export const outcomeOf = (result: CallResult): OutcomeRow => OUTCOMES[result];
