import { once } from 'node:events';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { forkScript, startProvider } from './fleet.ts';
import type { WorkerOrder } from './worker-order.ts';

export interface NaiveResult {
  readonly limitNanoUsd: bigint;
  readonly meteredNanoUsd: bigint;
  readonly overspendNanoUsd: bigint;
}

const LIMIT_NANO_USD = 30_000_000n;

/** The same number of processes and the same vendor with check-then-add, without kills: it has to overspend. */
export async function runNaive(options: {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly workers: number;
  readonly seed: number;
}): Promise<NaiveResult> {
  const { database, databaseUrl, workers, seed } = options;
  await database.$executeRaw`CREATE TABLE naive_budget (limit_nano_usd bigint NOT NULL, spent_nano_usd bigint NOT NULL)`;
  await database.$executeRaw`INSERT INTO naive_budget VALUES (${LIMIT_NANO_USD}::bigint, 0)`;
  const provider = await startProvider(seed, 0);
  const children = Array.from({ length: workers }, (_, worker) => {
    const order: WorkerOrder = {
      worker,
      seed,
      databaseUrl,
      providerUrl: provider.url,
      deathRate: 0,
      timeoutMs: 1_000,
      graceMs: 0,
    };
    return forkScript('naive-worker.ts', [JSON.stringify(order)]);
  });
  const late = setTimeout(() => children.forEach((child) => void child.kill('SIGKILL')), 120_000);
  await Promise.all(children.map((child) => once(child, 'close')));
  clearTimeout(late);
  const meteredNanoUsd = await provider.bill();
  provider.stop();
  const over = meteredNanoUsd - LIMIT_NANO_USD;
  return { limitNanoUsd: LIMIT_NANO_USD, meteredNanoUsd, overspendNanoUsd: over > 0n ? over : 0n };
}
