import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { startTcpProxy } from '@orchestrator/testkit/tcp-proxy.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { sink } from '../boot/logger.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import { openDatabase } from '../db/client.ts';
import { type Claim, claim, renew } from './claim.ts';
import { commitResult, StaleClaim } from './commit-outcome.ts';
import { confirmHeld } from './heartbeat.ts';
import type { Outcome } from './outcome.ts';
import { runStage, type StageWorker } from './run-stage.ts';
import type { StageContext } from './stage.ts';

let test: TestDatabase;
let seeded: SeededRun;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());
beforeEach(async () => {
  seeded = await seedRun(test.database);
});

const ADVANCE: Exclude<Outcome, { kind: 'wait' }> = { kind: 'advance', artifacts: [{ kind: 'baseline', content: {} }] };
const take = (worker: string) => claim(test.database, seeded.stageRunId, worker);
const expire = () =>
  test.database
    .$executeRaw`UPDATE stage_run SET lease_until = now() - interval '1 second' WHERE id = ${seeded.stageRunId}::uuid`;
const steal = () =>
  test.database.$executeRaw`UPDATE stage_run SET fence = fence + 1 WHERE id = ${seeded.stageRunId}::uuid`;
const stageRun = () => test.database.stageRun.findUniqueOrThrow({ where: { id: seeded.stageRunId } });
const attempts = async () =>
  (
    await test.database.stageAttempt.findMany({ where: { stageRunId: seeded.stageRunId }, orderBy: { fence: 'asc' } })
  ).map((attempt) => attempt.outcome);
const run = () =>
  test.database.run.findUniqueOrThrow({ where: { id: seeded.runId }, include: { stageRuns: true, artifacts: true } });

function workerOf(
  process: (context: StageContext) => Promise<Outcome>,
  options: Partial<StageWorker> = {},
): StageWorker {
  const config = OrchestratorConfig.parse({});
  return {
    db: test.database,
    log: sink().log,
    workerId: 'worker-1',
    shutdown: new AbortController().signal,
    definition: () => ({ stage: 'baseline', timeoutMs: 60_000, process }),
    context: async (held, signal, log) =>
      ({
        config,
        signal,
        log,
        task: { key: 'seeded' },
        confirmHeld: () => confirmHeld(test.database, held),
      }) as unknown as StageContext,
    ...options,
  };
}
const message = () => ({ stageRunId: seeded.stageRunId, generation: 1 });
const untilAborted = (signal: AbortSignal) =>
  new Promise<Outcome>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a lease that ran out', () => {
  it('is taken over by the next message, counts a crash, and voids what its holder brings', async () => {
    const first = (await take('a')) as Claim;
    expect(await take('b')).toBeNull();
    await expire();
    const second = (await take('b')) as Claim;
    expect(second.fence).toBe(2n);
    expect(await stageRun()).toMatchObject({ crashCount: 1, errorCount: 0, leaseOwner: 'b' });
    expect(await renew(test.database, first)).toBe('lost');
    await expect(commitResult(test.database, first, ADVANCE)).rejects.toBeInstanceOf(StaleClaim);
    await commitResult(test.database, second, ADVANCE);
    expect(await attempts()).toEqual(['crashed', 'succeeded']);
    expect((await run()).stageRuns).toHaveLength(2);
  });

  it('is left to the sweeper where it has crashed too often', async () => {
    await take('a');
    await test.database.stageRun.update({ where: { id: seeded.stageRunId }, data: { crashCount: 2 } });
    await expire();
    expect(await take('b')).toBeNull();
    expect(await stageRun()).toMatchObject({ state: 'running', crashCount: 2 });
  });

  it('is still good for its holder as long as nobody has taken over', async () => {
    const held = (await take('a')) as Claim;
    await expire();
    expect(await renew(test.database, held)).toBe('held');
    await expire();
    await commitResult(test.database, held, ADVANCE);
    expect((await run()).state).toBe('analyzing');
  });

  it('goes to one of many that want it', async () => {
    await take('a');
    await expire();
    const taken = await Promise.all(Array.from({ length: 8 }, (_, i) => take(`w${i}`)));
    expect(taken.filter((one) => one !== null)).toHaveLength(1);
    expect(await stageRun()).toMatchObject({ crashCount: 1, fence: 2n });
  });
});

describe('a message that the queue has given up', () => {
  it('stops the work at once where another worker has it', async () => {
    const doubt = new AbortController();
    const startedAt = performance.now();
    const worker = workerOf(
      async ({ signal }) => {
        await steal();
        doubt.abort();
        return untilAborted(signal);
      },
      // Without the doubt it would be noticed after 40 s.
      { leaseMs: 600_000 },
    );
    await runStage(worker, message(), doubt.signal);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect((await run()).stageRuns).toHaveLength(1);
  });

  it('does not stop work that is ours by the database', async () => {
    const doubt = new AbortController();
    const worker = workerOf(async ({ signal }) => {
      doubt.abort();
      await sleep(500);
      signal.throwIfAborted();
      return ADVANCE;
    });
    await runStage(worker, message(), doubt.signal);
    expect((await run()).state).toBe('analyzing');
  });
});

describe('the last look before an effect', () => {
  it('keeps a worker from it that has lost its claim', async () => {
    let effects = 0;
    const worker = workerOf(async ({ confirmHeld: confirm }) => {
      await confirm();
      effects += 1;
      await steal();
      await confirm();
      effects += 1;
      return ADVANCE;
    });
    await runStage(worker, message());
    expect(effects).toBe(1);
    expect(await run()).toMatchObject({ state: 'baselining', artifacts: [] });
  });

  it('keeps a worker from it whose run was cancelled', async () => {
    let effects = 0;
    const worker = workerOf(async ({ confirmHeld: confirm }) => {
      await test.database.run.update({ where: { id: seeded.runId }, data: { cancelRequestedAt: new Date() } });
      await confirm();
      effects += 1;
      return ADVANCE;
    });
    await runStage(worker, message());
    expect(effects).toBe(0);
    expect((await run()).state).toBe('cancelled');
  });
});

describe('a database that goes away', () => {
  async function throughProxy() {
    const { hostname, port } = new URL(test.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = new URL(test.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const db = openDatabase(url.href);
    onTestFinished(async () => {
      await db.$disconnect().catch(() => {});
      await proxy.close();
    });
    return { proxy, db };
  }

  it('gets the result when it is back', async () => {
    const { proxy, db } = await throughProxy();
    await runStage(
      workerOf(
        async () => {
          proxy.reset();
          return ADVANCE;
        },
        { db },
      ),
      message(),
    );
    expect(await attempts()).toEqual(['succeeded']);
    expect((await run()).stageRuns).toHaveLength(2);
  });

  it('is not asked for the same result twice when only the answer to the commit was lost', async () => {
    const { proxy, db } = await throughProxy();
    await runStage(
      workerOf(
        async () => {
          proxy.swallowAnswers();
          setTimeout(() => proxy.reset(), 1_000);
          return ADVANCE;
        },
        { db },
      ),
      message(),
    );
    expect(await attempts()).toEqual(['succeeded']);
    expect(await stageRun()).toMatchObject({ state: 'succeeded', crashCount: 0, fence: 1n });
    expect((await run()).stageRuns).toHaveLength(2);
  });

  it('has its claim found again when the answer to the claim was lost', async () => {
    const { proxy, db } = await throughProxy();
    await db.$queryRaw`SELECT 1`;
    proxy.swallowAnswers();
    setTimeout(() => proxy.reset(), 1_000);
    await runStage(
      workerOf(async () => ADVANCE, { db }),
      message(),
    );
    expect(await attempts()).toEqual(['succeeded']);
    expect(await stageRun()).toMatchObject({ fence: 1n, crashCount: 0 });
  });
});
