import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { startOpenAiServer } from '../../packages/testkit/src/openai/server.ts';
import { recordedAnswers } from '../../packages/testkit/src/scripts/recorded-answers.ts';
import { answersOf, exampleRepository, type Machine, openStateOf, startCli } from './cli-process.ts';

/** Slow enough that a stage is met in the middle. */
const LATENCY_MS = 1_000;

let folder: string;
let machine: Machine & Awaited<ReturnType<typeof servers>>;
const repository = () => join(folder, 'repository');

async function servers() {
  const script = recordedAnswers(answersOf('text-kit'), { latencyMs: LATENCY_MS });
  return { anthropic: await startAnthropicServer({ script }), openai: await startOpenAiServer({ script }) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kill-resume-'));
  exampleRepository('text-kit', repository());
  machine = { home: join(folder, 'home'), ...(await servers()) };
});
afterAll(async () => {
  await machine.anthropic.close();
  await machine.openai.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (task: string) => startCli(machine, ['run', '--repo', repository(), '--task', task, '--json']);

/** The state that a killed process leaves, and what becomes of it. */
async function withState<T>(
  look: (database: Awaited<ReturnType<typeof openStateOf>>['database']) => Promise<T>,
): Promise<T> {
  const state = await openStateOf(machine);
  try {
    return await look(state.database);
  } finally {
    await state.close();
  }
}

async function until(condition: () => Promise<boolean>, what: string, output: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    // Before the first migration there is nothing to look at.
    if (await condition().catch(() => false)) return;
    await sleep(50);
  }
  throw new Error(`not reached: ${what}\n${output()}`);
}

const idsOf = (key: string) => {
  const path = join(import.meta.dirname, '../../examples/text-kit/docs/PLUGIN-TASKS.md');
  const ids = [...readFileSync(path, 'utf8').matchAll(/TASK_ID: (\S+)/g)].map((match) => match[1]);
  if (!ids.includes(key)) throw new Error(`the example has no task ${key}: ${ids}`);
  return key;
};

describe('a run whose process is killed', () => {
  it('goes on after each stage was cut in the middle, and pays for no committed answer twice', {
    timeout: 300_000,
  }, async () => {
    const key = idsOf('slug_001');
    for (const stage of ['baseline', 'analyze', 'code', 'validate', 'publish']) {
      const process = run(key);
      await withState((database) =>
        until(
          async () =>
            (await database.stageRun.count({ where: { stage, state: { in: ['running', 'succeeded'] } } })) > 0,
          `stage ${stage} is running`,
          process.output,
        ),
      );
      await process.kill();
    }
    const last = run(key);
    expect(await last.ended, last.output()).toBe(0);

    await withState(async (database) => {
      const runs = await database.run.findMany({
        include: { stageRuns: { include: { attempts: true } }, modelCalls: true },
      });
      expect(runs.map((one) => one.state)).toEqual(['in_review']);
      for (const stageRun of runs[0]?.stageRuns ?? []) {
        expect(stageRun.state).toBe('succeeded');
        expect(stageRun.attempts.filter((attempt) => attempt.outcome === 'succeeded')).toHaveLength(1);
      }
      const committed = (runs[0]?.modelCalls ?? [])
        .filter((call) => call.state === 'committed')
        .map((call) => call.requestHash);
      expect(new Set(committed).size).toBe(committed.length);
      const [ledger] = await database.$queryRaw<{ charged: bigint; open: bigint }[]>`
        SELECT coalesce(sum(charged_nano_usd), 0)::bigint AS charged,
          coalesce(sum(CASE kind WHEN 'reserve' THEN reserved_nano_usd ELSE -reserved_nano_usd END), 0)::bigint AS open
        FROM budget_entry WHERE window_id IN (SELECT id FROM budget_window WHERE budget_id = 'global')`;
      const metered = machine.anthropic.meter.nanoUsd + machine.openai.meter.nanoUsd;
      expect((ledger?.charged ?? 0n) + (ledger?.open ?? 0n)).toBeGreaterThanOrEqual(metered);
    });
  });

  it('does not ask again for an answer that was committed before the kill', { timeout: 180_000 }, async () => {
    // Its first answer does not apply, so the coder asks twice within one stage.
    const key = idsOf('duration_format_001');
    const asked = () =>
      machine.openai.generations.filter((request) => JSON.stringify(request.body).includes(`Task id: ${key}`)).length;
    const process = run(key);
    await until(async () => asked() >= 2, 'the second question', process.output);
    await process.kill();

    const again = run(key);
    expect(await again.ended, again.output()).toBe(0);
    // The first question once; the second, whose answer was lost with the process, once more.
    expect(asked()).toBe(3);
  });
});
