import { join } from 'node:path';
import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import { stageContext } from '@orchestrator/shared/boot/stage-context.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { Phase } from '@orchestrator/shared/config/schema.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Stage } from '@orchestrator/shared/pipeline/machine.ts';
import type { NewArtifact } from '@orchestrator/shared/pipeline/outcome.ts';
import { runStage } from '@orchestrator/shared/pipeline/run-stage.ts';
import { defineStage, type StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { createRepository, type TestFile, temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { startOpenAiServer } from '@orchestrator/testkit/openai/server.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { type Answer, type Ask, inOrder } from '@orchestrator/testkit/scripts/script.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { stages } from '../src/stages.ts';

export interface BenchOptions {
  readonly files: Readonly<Record<string, TestFile>>;
  readonly specification: Specification;
  /** Answers of the model, in order; the last one is repeated. */
  readonly answers: readonly (Answer | (() => Promise<Answer>))[];
  readonly task?: { readonly title?: string; readonly body?: string };
  readonly signatures?: readonly { readonly path: string; readonly text: string }[];
}

/** A run at its code stage on everything real: git, mirror, Postgres, ledger, model client, OpenAI's wire format. */
export async function openBench({ files, specification, answers, task = {}, signatures = [] }: BenchOptions) {
  const folder = temporaryFolder();
  const source = createRepository(join(folder.path, 'target'));
  const commit = source.commit(files);
  const test = await testDatabase();
  const db = test.database;
  const asks: Ask[] = [];
  const script = inOrder(...answers.map((answer) => (typeof answer === 'function' ? {} : answer)));
  const server = await startOpenAiServer({
    script: async (ask) => {
      asks.push(ask);
      const scripted = answers[asks.length - 1];
      const fixed = await script(ask);
      return typeof scripted === 'function' ? scripted() : fixed;
    },
  });
  const env = readEnvironment(
    { OPENAI_API_KEY: 'test-key-coder', OPENAI_BASE_URL: server.url, ORCHESTRATOR_HOME: join(folder.path, 'home') },
    folder.path,
  );
  const log = sink();
  await ensureBudget(db, [Phase.parse({ name: 'open', limit: { total: '30' } })]);
  const { runId, taskId } = await seedRun(db, { stage: 'code', url: source.path, baseCommit: commit });
  await db.task.update({ where: { id: taskId }, data: { key: 'cart_001', ...task } });
  await db.artifact.create({ data: { runId, kind: 'specification', content: specification } });
  await db.artifact.create({ data: { runId, kind: 'context', content: { signatures: [...signatures] } } });
  const resources = { db, env, ledger: new Ledger(db), repositories: createRepositories(env, log.log) };
  const steps: string[] = [];

  /** Runs the pending stage run of a stage, as a worker does. */
  const run = async (
    stage: Stage,
    definitions: readonly StageDefinition[],
    shutdown = new AbortController().signal,
  ) => {
    const { id, generation } = await db.stageRun.findFirstOrThrow({ where: { runId, stage, state: 'pending' } });
    await runStage(
      {
        db,
        log: log.log,
        workerId: 'bench',
        definition: (name) => definitions.find((definition) => definition.stage === name),
        context: (held, signal, stageLog) =>
          stageContext(resources, held, signal, stageLog, (progress) => steps.push(progress.text)),
        shutdown,
      },
      { stageRunId: id, generation },
    );
    return db.run.findUniqueOrThrow({ where: { id: runId } });
  };
  const artifact = async (kind: NewArtifact['kind'], round = 1): Promise<unknown> =>
    (await db.artifact.findUnique({ where: { runId_kind_round: { runId, kind, round } } }))?.content ?? null;

  return {
    db,
    runId,
    server,
    asks,
    steps,
    artifact,
    code: (shutdown?: AbortSignal) => run('code', stages, shutdown),
    /** Ends the round as a validator that found something does. */
    findFault: (feedback: string) => {
      const verdict = {
        passed: false,
        findings: [],
        fingerprint: feedback,
        headCommit: commit,
        run: null,
        baseTotals: null,
        tests: { newlyFailed: [], knownFailed: [], fixed: [], flaky: [], added: [], missing: [] },
        feedback,
      };
      const process = async () => ({
        kind: 'rework' as const,
        artifacts: [{ kind: 'verdict' as const, content: verdict }],
      });
      return run('validate', [defineStage({ stage: 'validate', timeoutMs: 10_000, process })]);
    },
    changed: async (round = 1): Promise<Record<string, string | null>> => {
      const content = (await artifact('change_set', round)) as {
        files: { path: string; op: string; contentBase64?: string }[];
      };
      return Object.fromEntries(
        content.files.map((file) => [
          file.path,
          file.op === 'delete' ? null : Buffer.from(file.contentBase64 ?? '', 'base64').toString('utf8'),
        ]),
      );
    },
    events: () => db.event.findMany({ where: { runId }, orderBy: { id: 'asc' } }),
    close: async () => {
      await server.close();
      await test.close();
      folder.remove();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;
