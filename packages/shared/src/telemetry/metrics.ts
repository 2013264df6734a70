/**
 * Every metric of the system besides those of the process itself. docs/operations.md lists the same; a test compares the
 * two, and alert rules are written from it. `database`: read by the scheduler from Postgres when it is asked, so several
 * schedulers tell the same: take the maximum. Otherwise the process that saw it counts it: add them up.
 */
export interface Metric<Label extends string = string> {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly from: 'process' | 'database';
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds, in the unit of the name. */
  readonly buckets?: readonly number[];
}

const counter = <Label extends string = never>(help: string, labels: readonly Label[] = []) =>
  ({ type: 'counter', from: 'process', help, labels }) as const satisfies Metric;
const gauge = <Label extends string = never>(help: string, labels: readonly Label[] = []) =>
  ({ type: 'gauge', from: 'process', help, labels }) as const satisfies Metric;
const fromDatabase = <Label extends string = never>(help: string, labels: readonly Label[] = []) =>
  ({ type: 'gauge', from: 'database', help, labels }) as const satisfies Metric;
const seconds = <Label extends string = never>(help: string, labels: readonly Label[], buckets: readonly number[]) =>
  ({ type: 'histogram', from: 'process', help, labels, buckets }) as const satisfies Metric;

const MINUTES = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_200, 2_400];
const REQUEST = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export const METRICS = {
  orchestrator_info: gauge('1; the labels say what runs.', ['service', 'version']),
  orchestrator_ready: gauge('1 while a check of /readyz passes, 0 while it does not.', ['check']),
  orchestrator_live: gauge('1 while /healthz answers 200: the canary comes back and every loop makes progress.'),
  orchestrator_draining: gauge('1 from the signal to stop on.'),
  orchestrator_canary_age_seconds: gauge('Since a message of our own last came back through the queue.'),
  orchestrator_loop_rounds_total: counter('Rounds of recurring work.', ['loop', 'outcome']),

  orchestrator_runs: fromDatabase('Runs by state.', ['state']),
  orchestrator_stage_runs: fromDatabase(
    'Stage runs that are ready, waiting (parked or paused), running, or dead with no newer run of their task.',
    ['stage', 'state'],
  ),
  orchestrator_oldest_ready_age_seconds: fromDatabase(
    'How long the oldest ready stage run has been ready; 0: none is.',
    ['stage'],
  ),
  orchestrator_outbox_unsent: fromDatabase('Messages that are due and not handed to the queue yet.', ['queue']),
  orchestrator_outbox_lag_seconds: fromDatabase(
    'How long the oldest due message has not been handed to a queue that has nothing else to do; 0: none waits so.',
    ['queue'],
  ),
  orchestrator_published_total: counter('Messages handed to the queue.', ['queue']),
  orchestrator_republished_total: counter('Messages that the queue had lost, announced again.'),
  orchestrator_lease_expiries_total: counter(
    'Leases that ran out, and were swept or taken over: the worker died, hung, or lost the database.',
  ),
  orchestrator_stale_completions_total: counter('Results dropped because another worker had taken the stage over.', [
    'stage',
  ]),
  orchestrator_stages_in_flight: gauge('Stage runs that this process works on.'),
  orchestrator_stage_duration_seconds: seconds(
    'From claim to commit, by what came of it: advance, rework, in_review, rejected, failed, parked, retry, dead, cancelled, lost, shutdown.',
    ['stage', 'outcome'],
    MINUTES,
  ),
  orchestrator_validation_command_seconds: seconds(
    'A command of a repository in the sandbox, by how it ended: ok, failed, or the limit that ended it.',
    ['step', 'outcome'],
    MINUTES,
  ),

  orchestrator_sandbox_probe: gauge('1: the sandbox held when this was last tried on it; 0: it did not.', ['probe']),

  orchestrator_model_calls_total: counter('Requests to models, by what became of their money.', [
    'role',
    'model',
    'outcome',
  ]),
  orchestrator_model_tokens_total: counter('Tokens of requests to models.', ['role', 'model', 'kind']),
  orchestrator_model_cost_usd_total: counter('What requests to models were charged, forfeits included.', [
    'role',
    'model',
  ]),
  orchestrator_model_call_duration_seconds: seconds('A request to a model.', ['role', 'model'], MINUTES),
  orchestrator_forfeits_total: counter(
    'Reservations booked as spent because their end is not known; by the call itself, or by the reaper after a crash.',
    ['by'],
  ),
  orchestrator_budget_limit_usd: fromDatabase('Limit of the open window.', ['budget']),
  orchestrator_budget_committed_usd: fromDatabase('Spent and reserved in the open window.', ['budget']),
  orchestrator_budget_reserved_usd: fromDatabase('Reserved for requests in flight.', ['budget']),
  orchestrator_budget_frozen: fromDatabase('1 while nothing may be spent until a person has looked.', ['budget']),

  orchestrator_deliveries_pending: fromDatabase('News on their way to a channel.', ['channel']),
  orchestrator_deliveries_dead: fromDatabase('News of the last 24 hours that a channel did not take in the end.', [
    'channel',
  ]),
  orchestrator_http_request_duration_seconds: seconds(
    'A request to the HTTP API.',
    ['method', 'route', 'status'],
    REQUEST,
  ),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
type NameOf<Type extends Metric['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** The value of a gauge at this moment. */
export interface Sample {
  readonly name: GaugeName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const sample = <Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): Sample => ({
  name,
  labels,
  value,
});
