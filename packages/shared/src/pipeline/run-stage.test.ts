import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sink } from '../boot/logger.ts';
import { BudgetDenied } from '../budget/denied.ts';
import { OrchestratorConfig } from '../config/schema.ts';
import { AppError } from '../errors/app-error.ts';
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

/** A worker whose processor is the test's; the context holds what these processors use. */
function workerOf(
  process: (context: StageContext) => Promise<Outcome>,
  options: Partial<StageWorker> & { timeoutMs?: number; maxErrors?: number } = {},
): StageWorker {
  const config = OrchestratorConfig.parse(options.maxErrors ? { pipeline: { maxErrors: options.maxErrors } } : {});
  return {
    db: test.database,
    log: sink().log,
    workerId: 'worker-1',
    shutdown: new AbortController().signal,
    definition: () => ({ stage: 'baseline', timeoutMs: options.timeoutMs ?? 60_000, process }),
    context: async (held, signal, log) =>
      ({ config, signal, log, task: { key: 'seeded' }, stageRun: { id: held.stageRunId } }) as unknown as StageContext,
    ...options,
  };
}

const message = () => ({ stageRunId: seeded.stageRunId, generation: 1 });
const advance = async (): Promise<Outcome> => ({
  kind: 'advance',
  artifacts: [{ kind: 'baseline', content: { green: true } }],
  events: [{ type: 'run.validated', data: {} }],
});
const stageRun = () => test.database.stageRun.findUniqueOrThrow({ where: { id: seeded.stageRunId } });
const run = () =>
  test.database.run.findUniqueOrThrow({
    where: { id: seeded.runId },
    include: { stageRuns: true, artifacts: true, events: true },
  });
const outbox = () =>
  test.database.outbox.findMany({ where: { stageRunId: seeded.stageRunId }, orderBy: { generation: 'asc' } });

describe('a stage that advances', () => {
  it('stores its result, the next stage, its outbox row and the event together', async () => {
    await runStage(workerOf(advance), message());

    const after = await run();
    expect(after.state).toBe('analyzing');
    expect(after.artifacts.map((artifact) => artifact.content)).toEqual([{ green: true }]);
    expect(after.events.map((event) => event.type)).toEqual(['run.validated']);
    const next = after.stageRuns.find((one) => one.stage === 'analyze');
    expect(next?.state).toBe('pending');
    expect(await test.database.outbox.count({ where: { stageRunId: next?.id ?? '', queue: 'analyzer' } })).toBe(1);
  });

  it('runs once however often its message arrives, even at the same moment', async () => {
    let times = 0;
    const worker = workerOf(async () => {
      times += 1;
      return advance();
    });
    await Promise.all([runStage(worker, message()), runStage(worker, message()), runStage(worker, message())]);
    await runStage(worker, message());

    expect(times).toBe(1);
    expect((await run()).stageRuns).toHaveLength(2);
  });

  it('is dropped when another worker has taken the claim meanwhile', async () => {
    await runStage(
      workerOf(async () => {
        await test.database.$executeRaw`UPDATE stage_run SET fence = fence + 1 WHERE id = ${seeded.stageRunId}::uuid`;
        return advance();
      }),
      message(),
    );

    const after = await run();
    expect(after.state).toBe('baselining');
    expect(after.artifacts).toEqual([]);
    expect(after.stageRuns).toHaveLength(1);
  });
});

describe('a stage that cannot go on', () => {
  it('is parked until the window opens when money is lacking, and counts no error', async () => {
    const until = new Date(Date.now() + 3_600_000);
    const deny = async () => {
      throw new BudgetDenied('WAIT_WINDOW', until, { limit: '$1' });
    };
    await runStage(workerOf(deny), message());

    expect(await stageRun()).toMatchObject({
      state: 'pending',
      parkedReason: 'budget',
      availableAt: until,
      errorCount: 0,
      generation: 2,
    });
    expect((await outbox()).map((row) => [row.generation, row.notBefore > new Date()])).toEqual([[2, true]]);
    expect((await run()).events.map((event) => event.type)).toEqual(['run.parked']);
  });

  it('tells once that it waits, however often it looks', async () => {
    const wait = workerOf(async () => ({ kind: 'wait', reason: 'budget', until: null, detail: {} }));
    for (let i = 0; i < 3; i++) {
      await runStage(wait, message());
      await test.database.$executeRaw`UPDATE stage_run SET available_at = now() WHERE id = ${seeded.stageRunId}::uuid`;
    }
    expect(await stageRun()).toMatchObject({ generation: 4, fence: 3n });
    expect((await run()).events).toHaveLength(1);
  });

  it('is tried again with growing waits, and dies with its run after the last error', async () => {
    const fail = workerOf(
      async () => {
        throw new Error('socket closed');
      },
      { maxErrors: 3 },
    );
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      await runStage(fail, message());
      const after = await stageRun();
      waits.push(after.availableAt.getTime() - Date.now());
      await test.database.$executeRaw`UPDATE stage_run SET available_at = now() WHERE id = ${seeded.stageRunId}::uuid`;
    }
    expect(waits[1]).toBeGreaterThan((waits[0] ?? 0) * 2);
    expect(await stageRun()).toMatchObject({ state: 'dead', errorCount: 3 });
    expect(await run()).toMatchObject({ state: 'failed', endCode: 'ERRORS_EXHAUSTED' });
  });

  it('fails the run at once with an error that trying again cannot mend', async () => {
    await runStage(
      workerOf(async () => {
        throw new AppError('NO_COMMANDS', { repo: 'x' });
      }),
      message(),
    );
    expect(await run()).toMatchObject({ state: 'failed', endCode: 'NO_COMMANDS' });
  });

  it('waits, and blames no task, when the sandbox is missing', async () => {
    await runStage(
      workerOf(async () => {
        throw new AppError('SANDBOX_UNAVAILABLE', { reason: 'no bwrap', fix: 'Install it.' });
      }),
      message(),
    );
    expect(await stageRun()).toMatchObject({ state: 'pending', parkedReason: 'sandbox', errorCount: 0 });
  });
});

describe('a stage that is stopped from outside', () => {
  const untilAborted = (context: StageContext) =>
    new Promise<Outcome>((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)));

  it('gives its claim back at shutdown, so that another worker can take it at once', async () => {
    const shutdown = new AbortController();
    const worker = workerOf(
      (context) => {
        setImmediate(() => shutdown.abort());
        return untilAborted(context);
      },
      { shutdown: shutdown.signal },
    );
    await runStage(worker, message());
    expect(await stageRun()).toMatchObject({ state: 'pending', errorCount: 0, crashCount: 0, generation: 2 });

    await runStage(workerOf(advance), message());
    expect((await run()).state).toBe('analyzing');
  });

  it('gives its claim back even when the processor does not listen', async () => {
    const shutdown = new AbortController();
    const deaf = workerOf(
      () => {
        setImmediate(() => shutdown.abort());
        return new Promise<Outcome>(() => {});
      },
      { shutdown: shutdown.signal, abandonMs: 50 },
    );
    await runStage(deaf, message());
    expect(await stageRun()).toMatchObject({ state: 'pending', generation: 2 });
  });

  it('ends as cancelled when a person cancels the run', async () => {
    await runStage(
      workerOf(async (context) => {
        await test.database.run.update({ where: { id: seeded.runId }, data: { cancelRequestedAt: new Date() } });
        return untilAborted(context);
      }),
      message(),
    );
    expect(await run()).toMatchObject({ state: 'cancelled' });
    expect(await stageRun()).toMatchObject({ state: 'cancelled' });
  });

  it('counts an error when it takes longer than it may', async () => {
    await runStage(workerOf(untilAborted, { timeoutMs: 20 }), message());
    expect(await stageRun()).toMatchObject({ state: 'pending', errorCount: 1, parkedReason: 'retry' });
  });

  it('is held for as long as the worker is told to hold it', async () => {
    let heldMs = 0;
    await runStage(
      workerOf(
        async () => {
          const [row] = await test.database.$queryRaw<{ ms: number }[]>`
            SELECT extract(epoch FROM lease_until - started_at)::float8 * 1000 AS ms FROM stage_run WHERE id = ${seeded.stageRunId}::uuid`;
          heldMs = row?.ms ?? 0;
          return advance();
        },
        { leaseMs: 600_000 },
      ),
      message(),
    );
    expect(heldMs).toBe(600_000);
  });

  it('is not claimed while its repository is paused', async () => {
    await test.database.repository.update({ where: { id: seeded.repositoryId }, data: { paused: true } });
    await runStage(workerOf(advance), message());
    expect(await stageRun()).toMatchObject({ state: 'pending', fence: 0n });
  });
});

describe('a worker whose clock is an hour fast', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 }));
  afterEach(() => void vi.useRealTimers());

  it('parks for as long as it says, and writes down when things happened', async () => {
    const missing = async () => {
      throw new AppError('KEY_MISSING', { variable: 'OPENAI_API_KEY' });
    };

    await runStage(workerOf(missing), message());

    const [row] = await test.database.$queryRaw<{ waitMs: number; parkedMs: number }[]>`
      SELECT extract(epoch FROM s.available_at - now())::float8 * 1000 AS "waitMs",
        extract(epoch FROM now() - e.at)::float8 * 1000 AS "parkedMs"
      FROM stage_run s JOIN event e ON e.run_id = s.run_id WHERE s.id = ${seeded.stageRunId}::uuid`;
    expect(row?.waitMs).toBeGreaterThan(0);
    expect(row?.waitMs).toBeLessThanOrEqual(60_000);
    expect(row?.parkedMs).toBeGreaterThanOrEqual(0);
  });

  it('starts stage runs that can be taken at once', async () => {
    const { stageRunId } = await seedRun(test.database);

    await runStage(workerOf(advance), { stageRunId, generation: 1 });

    expect(await test.database.stageRun.findUniqueOrThrow({ where: { id: stageRunId } })).toMatchObject({
      state: 'succeeded',
    });
  });
});
