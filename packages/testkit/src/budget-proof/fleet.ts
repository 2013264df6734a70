import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkerOrder } from './worker-order.ts';

const CODE_CACHE = join(import.meta.dirname, '../../../../node_modules/.cache/budget-proof');

/** Worker processes, each replaced when it is killed. */
export interface Fleet {
  /** Deaths by SIGKILL, by the point that was planned for it. */
  readonly kills: ReadonlyMap<string, number>;
  /** Ends that were neither a planned death nor asked for; any is a failure of the proof. */
  readonly failures: readonly string[];
  /** Every worker has begun its first attempt. */
  readonly ready: Promise<void>;
  /** Lets every worker finish its attempt, and waits for it. */
  stop(): Promise<void>;
}

export function startFleet(workers: number, orderFor: (worker: number, life: number) => WorkerOrder): Fleet {
  const children = new Map<number, ChildProcess>();
  const failures: string[] = [];
  const kills = new Map<string, number>();
  let stopping = false;

  const waiting = new Set(Array.from({ length: workers }, (_, worker) => worker));
  const { promise: ready, resolve: allReady } = Promise.withResolvers<void>();

  const start = (worker: number, life: number): void => {
    const child = forkScript('worker.ts', [JSON.stringify(orderFor(worker, life))]);
    children.set(worker, child);
    let plan = 'unplanned';
    child.stdout?.on('data', (data: Buffer) => {
      plan = String(data).trim().split('\n').at(-1) ?? plan;
    });
    child.once('message', () => {
      waiting.delete(worker);
      if (waiting.size === 0) allReady();
    });
    // 'close' and not 'exit': what it wrote last has been read by then.
    child.once('close', (code, signal) => {
      children.delete(worker);
      if (signal === 'SIGKILL') kills.set(plan, (kills.get(plan) ?? 0) + 1);
      // A process that was just started and told to stop has not learnt yet to do so gracefully.
      else if (code !== 0 && !(stopping && signal === 'SIGTERM'))
        failures.push(`worker ${worker} ended with ${signal ?? code}`);
      if (!stopping) start(worker, life + 1);
    });
  };
  for (let worker = 0; worker < workers; worker++) start(worker, 0);

  return {
    kills,
    failures,
    ready,
    async stop() {
      stopping = true;
      const ends = [...children.values()].map((child) => once(child, 'close'));
      for (const child of children.values()) child.kill('SIGTERM');
      await Promise.all(ends);
    },
  };
}

export function forkScript(script: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, script), [...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // Processes start all the time here: compiled code is kept between them.
    env: { ...process.env, NODE_COMPILE_CACHE: CODE_CACHE },
  });
}

/** The vendor's process. */
export interface ProviderProcess {
  readonly url: string;
  readonly bill: () => Promise<bigint>;
  readonly stop: () => void;
}

export async function startProvider(seed: number, faultRate: number): Promise<ProviderProcess> {
  const child = forkScript('provider-process.ts', [String(seed), String(faultRate)]);
  const [ready] = (await once(child, 'message')) as [{ url: string }];
  return {
    url: ready.url,
    async bill() {
      child.send('bill');
      const [bill] = (await once(child, 'message')) as [{ meteredNanoUsd: string }];
      return BigInt(bill.meteredNanoUsd);
    },
    stop: () => void child.disconnect(),
  };
}
