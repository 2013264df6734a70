import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { KEY, type ModelStage, openModelStage } from '../../test/model-stage.ts';

const PROGRAM = join(import.meta.dirname, '../../test/ask-once.ts');
let stage: ModelStage;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  const overruns = await stage.test.database.budgetOverrun.count();
  await stage.close();
  expect(overruns).toBe(0);
});

/** A process of its own that asks the stage's question. */
function start(): ChildProcess & { readonly output: Promise<string> } {
  const { budgetIds, runId, stageRunId } = stage.options;
  const child = spawn(process.execPath, [PROGRAM, budgetIds[0] ?? '', runId ?? '', stageRunId ?? ''], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: stage.test.url,
      OPENAI_API_KEY: KEY,
      OPENAI_BASE_URL: stage.openai.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const output = (async () => {
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    return text;
  })();
  return Object.assign(child, { output });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Kills the process when its statement waits for a lock, and the statement with it: it never happens. */
async function killAt(statement: string, child: ChildProcess): Promise<void> {
  const { database } = stage.test;
  for (let pid: number | undefined; pid === undefined; ) {
    const [row] = await database.$queryRaw<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE ${`%${statement}%`}`;
    pid = row?.pid;
    if (pid === undefined) continue;
    await kill(child);
    await database.$queryRaw`SELECT pg_terminate_backend(${pid}::int, 10000)`;
  }
}

/** Holds a lock while `work` runs, so that what needs it stops there. */
async function whileLocked(lock: string, work: () => Promise<void>): Promise<void> {
  await stage.test.database.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(lock);
      await work();
    },
    { timeout: 30_000 },
  );
}

describe('a process that is killed while it asks a model', () => {
  it('leaves its reservation, in the middle of a request; the next attempt asks again', async () => {
    const asked = Promise.withResolvers<void>();
    let number = 0;
    stage = await openModelStage(() => {
      number += 1;
      asked.resolve();
      return number === 1 ? { text: 'lost', fault: { kind: 'hang', when: 'before-headers' } } : { text: 'answer' };
    });

    const first = start();
    await asked.promise;
    await kill(first);
    const { reservedNanoUsd } = await stage.window();
    const second = start();

    expect(JSON.parse(await second.output)).toEqual({ text: 'answer', replayed: false });
    expect(reservedNanoUsd).toBeGreaterThan(0n);
    const after = await stage.window();
    expect(after.reservedNanoUsd).toBe(reservedNanoUsd);
    expect(after.reservedNanoUsd + after.settledNanoUsd).toBeGreaterThanOrEqual(stage.openai.meter.nanoUsd);
    expect(stage.openai.generations).toHaveLength(2);
  });

  it('leaves its reservation, between the answer and its record; the next attempt asks again', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    stage = await openModelStage(async () => {
      asked.resolve();
      await answer.promise;
      return { text: 'answer' };
    });

    const first = start();
    await asked.promise;
    await whileLocked('LOCK TABLE model_call IN SHARE MODE', async () => {
      answer.resolve();
      await killAt('UPDATE "public"."model_call"', first);
    });
    const second = start();

    expect(JSON.parse(await second.output)).toEqual({ text: 'answer', replayed: false });
    expect(stage.openai.generations).toHaveLength(2);
    const { reservedNanoUsd, settledNanoUsd } = await stage.window();
    expect(reservedNanoUsd).toBeGreaterThan(0n);
    expect(reservedNanoUsd + settledNanoUsd).toBeGreaterThanOrEqual(stage.openai.meter.nanoUsd);
  });

  it('never pays twice for an answer that it recorded, and settles it the next time', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    stage = await openModelStage(async () => {
      asked.resolve();
      await answer.promise;
      return { text: 'answer' };
    });

    const first = start();
    await asked.promise;
    await whileLocked('LOCK TABLE budget_window IN SHARE MODE', async () => {
      answer.resolve();
      await killAt('budget_entry', first);
    });
    const between = await stage.window();
    const second = start();

    expect(JSON.parse(await second.output)).toEqual({ text: 'answer', replayed: true });
    expect(between).toMatchObject({ settledNanoUsd: 0n });
    expect(between.reservedNanoUsd).toBeGreaterThan(0n);
    expect(stage.openai.generations).toHaveLength(1);
    expect(await stage.window()).toMatchObject({ reservedNanoUsd: 0n, settledNanoUsd: stage.openai.meter.nanoUsd });
  });
});
