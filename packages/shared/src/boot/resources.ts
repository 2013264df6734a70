import type { Logger } from 'pino';
import type { Ledger } from '../budget/ledger.ts';
import type { Environment } from '../config/environment.ts';
import type { Database } from '../db/client.ts';
import type { Transport } from '../queue/transport.ts';
import type { Sample } from '../telemetry/metrics.ts';
import type { Check } from './readiness.ts';
import type { Repositories } from './repositories.ts';

/** What every part of the system is given: opened once by the process, closed by it. */
export interface Resources {
  readonly env: Environment;
  readonly log: Logger;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly repositories: Repositories;
  /** Unique to this process: host, process id and a random part. */
  readonly workerId: string;
  /**
   * Keeps what is committed elsewhere, where the database goes away with the machine: before an act that cannot be undone.
   * Throws where it is not kept. Absent: the database outlives us.
   */
  readonly keep?: () => Promise<void>;
}

/** A part that runs until it is stopped. Starting and stopping happen in order and in reverse order. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Why it makes no progress; null: it does. /healthz asks. */
  readonly stuck?: () => string | null;
  /** What must hold for it to do its work, by name. /readyz asks. */
  readonly checks?: Readonly<Record<string, Check>>;
  /** What it knows at this moment. /metrics asks. */
  readonly samples?: () => Promise<readonly Sample[]>;
}
