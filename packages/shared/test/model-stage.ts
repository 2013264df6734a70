import { randomUUID } from 'node:crypto';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { type TestDatabase, testDatabase } from '@orchestrator/testkit/postgres.ts';
import type { ModelServer } from '@orchestrator/testkit/scripts/model-server.ts';
import { type Answer, inOrder, type Script } from '@orchestrator/testkit/scripts/script.ts';
import { pino } from 'pino';
import { Ledger } from '../src/budget/ledger.ts';
import { ensureBudget } from '../src/budget/phases.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { OrchestratorConfig, Phase } from '../src/config/schema.ts';
import { createModelClient, type ModelClientOptions } from '../src/models/client.ts';
import type { ModelReply, ModelRequest } from '../src/models/types.ts';

export const KEY = 'key-0123456789abcdef';
export const QUESTION: ModelRequest = {
  role: 'coder',
  system: 'Be short.',
  messages: [{ role: 'user', content: 'Say hello.' }],
};

/** A stage run that may ask both vendors, with a budget of its own. */
export interface ModelStage {
  readonly test: TestDatabase;
  readonly anthropic: ModelServer;
  readonly openai: ModelServer;
  readonly options: ModelClientOptions;
  /** Asks as a new attempt of the stage run: its first question. */
  readonly ask: (request?: ModelRequest, more?: Partial<ModelClientOptions>) => Promise<ModelReply>;
  readonly window: () => Promise<{ reservedNanoUsd: bigint; settledNanoUsd: bigint; frozenAt: Date | null }>;
  /** The kinds of the ledger's entries, in order. */
  readonly entries: () => Promise<string[]>;
  readonly calls: () => ReturnType<TestDatabase['database']['modelCall']['findMany']>;
  readonly close: () => Promise<void>;
}

export async function openModelStage(
  script: Script | Answer,
  { limitUsd = '30', config = {}, shared }: { limitUsd?: string; config?: object; shared?: TestDatabase } = {},
): Promise<ModelStage> {
  const answers = typeof script === 'function' ? script : inOrder(script);
  const [test, anthropic, openai] = await Promise.all([
    shared ?? testDatabase(),
    startAnthropicServer({ script: answers, apiKey: KEY }),
    startOpenAiServer({ script: answers, apiKey: KEY }),
  ]);
  const { database: db } = test;
  // Never ends in the middle of a test.
  const budgetId = `budget-${randomUUID()}`;
  await ensureBudget(db, [Phase.parse({ name: 'open', limit: { total: limitUsd } })], budgetId);
  const place = await createStageRun(test);
  const options: ModelClientOptions = {
    ...place,
    db,
    ledger: new Ledger(db),
    env: readEnvironment(
      { ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: KEY, ANTHROPIC_BASE_URL: anthropic.url, OPENAI_BASE_URL: openai.url },
      '/tmp',
    ),
    config: OrchestratorConfig.parse(config),
    budgetIds: [budgetId],
    log: pino({ level: 'silent' }),
    now: () => new Date('2026-11-22T12:00:00Z'),
    policy: { backoffMs: 1 },
  };
  return {
    test,
    anthropic,
    openai,
    options,
    ask: (request = QUESTION, more = {}) =>
      createModelClient({ ...options, ...more }).generate(request, new AbortController().signal),
    window: () => db.budgetWindow.findFirstOrThrow({ where: { budgetId } }),
    entries: async () =>
      (await db.budgetEntry.findMany({ where: { window: { budgetId } }, orderBy: { id: 'asc' } })).map(
        ({ kind }) => kind,
      ),
    calls: () => db.modelCall.findMany({ where: { stageRunId: place.stageRunId }, orderBy: { createdAt: 'asc' } }),
    async close() {
      await Promise.all([anthropic.close(), openai.close()]);
      if (!shared) await test.close();
    },
  };
}

/** The rows that a stage run needs. */
async function createStageRun({ database: db }: TestDatabase) {
  const repository = await db.repository.create({ data: { url: `/tmp/${randomUUID()}`, name: 'widgets' } });
  const file = { textHash: 'x', file: 'TASKS.md', line: 1, position: 1 };
  const task = await db.task.create({
    data: { repositoryId: repository.id, key: 'events_001', title: 'Events', body: '', ...file },
  });
  const run = await db.run.create({ data: { taskId: task.id, taskRevision: 1, baseCommit: '0'.repeat(40) } });
  const stage = await db.stageRun.create({ data: { runId: run.id, stage: 'code' } });
  return { runId: run.id, stageRunId: stage.id };
}
