import { sink } from '@orchestrator/shared/boot/logger.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { parseConfig } from '@orchestrator/shared/config/load.ts';
import { createModelClient } from '@orchestrator/shared/models/client.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import type { StageContext, TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import { startAnthropicServer } from '@orchestrator/testkit/anthropic/server.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import type { Script } from '@orchestrator/testkit/scripts/script.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { analyzeStage } from '../src/analyze-stage.ts';
import { mirrorOf } from './repository.ts';
import { taskView } from './task-view.ts';

/** Everything that a run of the analyze stage stands on, real: repository, mirror, Postgres, ledger, client, server. */
export async function openBench(files: Readonly<Record<string, string>>) {
  const { mirror, commit, path, remove } = await mirrorOf(files);
  const test = await testDatabase();
  const db = test.database;
  let script: Script = () => ({ text: '' });
  const server = await startAnthropicServer({ script: (ask) => script(ask) });
  const env = readEnvironment({ ANTHROPIC_API_KEY: 'test-key-analyzer', ANTHROPIC_BASE_URL: server.url }, path);
  const config = parseConfig('models: { analyzer: { model: anthropic/claude-sonnet-5-5 } }', 'orchestrator.yaml');
  await ensureBudget(db, config.budget.phases);
  const { repositoryId } = await seedRun(db, { stage: 'analyze', url: path, baseCommit: commit });
  const log = sink();

  /** A new run of the task, or another try of the same one, and its stage context. */
  const context = async (
    over: Partial<TaskView> = {},
    ids?: { runId: string; stageRunId: string; taskId: string },
  ): Promise<StageContext> => {
    const seeded = ids ?? (await seedRun(db, { stage: 'analyze', repositoryId, baseCommit: commit }));
    return {
      run: { id: seeded.runId, baseCommit: commit, round: 1, branch: 'ai/greet_001' },
      task: taskView({ id: seeded.taskId, ...over }),
      repository: { id: repositoryId, url: path, name: 'target', defaultBranch: 'main' },
      stageRun: { id: seeded.stageRunId, stage: 'analyze', round: 1, fence: 1n },
      config,
      env,
      db,
      mirror,
      models: createModelClient({
        db,
        ledger: new Ledger(db),
        env,
        config,
        budgetIds: [GLOBAL_BUDGET],
        runId: seeded.runId,
        stageRunId: seeded.stageRunId,
        log: log.log,
      }),
      artifact: async () => null,
      signal: new AbortController().signal,
      confirmHeld: async () => {},
      log: log.log,
      progress: () => {},
    };
  };

  return {
    db,
    server,
    context,
    /** Answers in order; the last one is repeated. */
    answer: (next: Script) => {
      script = next;
    },
    run: (over?: Partial<TaskView>): Promise<Outcome> => context(over).then(analyzeStage.process),
    /** Stores what the pipeline would store at the end of the stage. */
    store: async (runId: string, outcome: Outcome) => {
      if (!('artifacts' in outcome)) return;
      for (const { kind, content } of outcome.artifacts)
        await db.artifact.create({ data: { runId, kind, content: content as object } });
    },
    spentNanoUsd: async () =>
      (await db.budgetWindow.findMany()).reduce(
        (sum, window) => sum + window.settledNanoUsd + window.reservedNanoUsd,
        0n,
      ),
    close: async () => {
      await server.close();
      await test.close();
      remove();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;
