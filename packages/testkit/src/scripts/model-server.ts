import type { RecordedRequest } from '../http/recorded-request.ts';
import type { RunningServer } from '../http/server.ts';
import type { Meter } from '../metering/meter.ts';
import type { Script } from './script.ts';

export interface ModelServerOptions {
  readonly script: Script;
  /** The only key that is accepted; absent: any. */
  readonly apiKey?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface ModelServer extends RunningServer {
  /** Every request, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Of those, the ones that ask a model for an answer: what has to have a reservation each. */
  readonly generations: readonly RecordedRequest[];
  /** The vendor's own bill. */
  readonly meter: Meter;
}
