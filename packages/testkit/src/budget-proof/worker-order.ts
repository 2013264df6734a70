/** What a worker process is told on its command line. */
export interface WorkerOrder {
  readonly worker: number;
  readonly seed: number;
  readonly databaseUrl: string;
  readonly providerUrl: string;
  /** Share of the attempts that the process does not survive. */
  readonly deathRate: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
}
