import { sink } from '@orchestrator/shared/boot/logger.ts';
import { createRepositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Resources } from '@orchestrator/shared/boot/resources.ts';
import { stageContext } from '@orchestrator/shared/boot/stage-context.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { readEnvironment } from '@orchestrator/shared/config/environment.ts';
import type { FileChange } from '@orchestrator/shared/contracts/change-set.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { runStage } from '@orchestrator/shared/pipeline/run-stage.ts';
import { changeCommitOptions } from '@orchestrator/shared/repo/change-commit.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { publishStage } from '../src/publish-stage.ts';

export const SPECIFICATION: Specification = {
  summary: 'Adds a greeting.',
  design: 'One function.',
  filesToChange: [{ path: 'src/greet.js', action: 'create', why: 'it greets' }],
  filesToRead: [],
  tests: [{ path: 'test/greet.test.js', covers: 'greeting' }],
  criteria: [
    { criterion: 'Greets by name', shownBy: 'test/greet.test.js: greets by name' },
    { criterion: 'Is fast', shownBy: 'cannot be shown by a test' },
  ],
  risks: ['None that <b>we</b> know, @everyone'],
};

export function verdictOf(headCommit: string): Verdict {
  return {
    passed: true,
    findings: [
      {
        check: 'policy.size',
        code: 'LARGE',
        severity: 'warning',
        message: 'a large file',
        file: 'src/greet.js',
        line: 3,
      },
    ],
    suppressed: [],
    packs: [],
    fingerprint: '',
    headCommit,
    run: {
      commit: headCommit,
      detector: 'npm',
      commands: [
        { step: 'test', argv: ['npm', 'test'], cwd: '.', exitCode: 0, ended: 'exit', durationMs: 1_234, output: '' },
      ],
      tests: [{ id: 'test/greet.test.js > greets by name', status: 'passed' }],
      totals: { passed: 3, failed: 0, skipped: 0 },
      sandbox: { tier: 'bubblewrap', probes: {} },
    },
    baseTotals: { passed: 2, failed: 0, skipped: 0 },
    tests: {
      newlyFailed: [],
      knownFailed: [],
      fixed: [],
      flaky: [],
      added: ['test/greet.test.js > greets by name'],
      missing: [],
    },
    feedback: '',
  };
}

export const file = (path: string, content: string): FileChange => ({
  op: 'write',
  path,
  mode: '100644',
  contentBase64: Buffer.from(content).toString('base64'),
});

export interface JudgedRunOptions {
  readonly db: Database;
  readonly home: string;
  /** Address of the target. */
  readonly url: string;
  readonly baseCommit: string;
  readonly branch: string;
  readonly files: readonly FileChange[];
  /** An earlier run's, to publish the same task again. */
  readonly task?: { readonly taskId: string; readonly number: number };
  /** Instead of the commit that the validator would have judged. */
  readonly judged?: string;
  /** Does not judge the change as passed. */
  readonly passed?: boolean;
  /** Beside ORCHESTRATOR_HOME. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A run whose change has passed validation and whose publish stage is pending, with the means to work on it. */
export async function judgedRun(options: JudgedRunOptions) {
  const { db, home, url, baseCommit, branch, task } = options;
  const known = await db.repository.findUnique({ where: { url }, select: { id: true } });
  const seeded = await seedRun(db, {
    stage: 'publish',
    url,
    baseCommit,
    ...(known ? { repositoryId: known.id } : {}),
  });
  await db.run.update({
    where: { id: seeded.runId },
    data: { branch, ...(task ? { taskId: task.taskId, number: task.number } : {}) },
  });
  const env = readEnvironment({ ORCHESTRATOR_HOME: home, ...options.environment }, '/');
  const { log } = sink();
  const resources = {
    env,
    log,
    db,
    ledger: new Ledger(db),
    repositories: createRepositories(env, log),
    workerId: 'w',
  } as unknown as Resources;
  const mirror = await resources.repositories.mirror(url);
  if ((await mirror.resolve(baseCommit)) === null) await mirror.refresh();
  const { config } = await resources.repositories.config(mirror, baseCommit);
  const row = await db.run.findUniqueOrThrow({ where: { id: seeded.runId }, include: { task: true } });
  const changeSet = { baseCommit, summary: 'Adds a greeting', files: [...options.files] };
  const headCommit = await mirror.commitChangeSet(
    changeSet,
    await changeCommitOptions({ run: { id: row.id, baseCommit }, task: row.task, config, mirror }),
  );
  const verdict = { ...verdictOf(options.judged ?? headCommit), passed: options.passed ?? true };
  for (const [kind, content] of [
    ['change_set', changeSet],
    ['specification', SPECIFICATION],
    ['verdict', verdict],
  ] as const) {
    await db.artifact.create({ data: { runId: row.id, kind, content: content as object } });
  }
  const stageRun = { where: { id: seeded.stageRunId } };
  return {
    ...seeded,
    taskId: row.taskId,
    taskKey: row.task.key,
    headCommit,
    mirror,
    /** Claims the stage and works on it, through the one wrapper. */
    publish: async () =>
      runStage(
        {
          db,
          log,
          workerId: 'w',
          definition: () => publishStage,
          shutdown: new AbortController().signal,
          context: (held, signal, taskLog) => stageContext(resources, held, signal, taskLog, () => {}),
        },
        { stageRunId: seeded.stageRunId, generation: (await db.stageRun.findUniqueOrThrow(stageRun)).generation },
      ),
    /** Ends the wait of a parked or failed try. */
    retryNow: () => db.stageRun.update({ ...stageRun, data: { availableAt: new Date(0) } }),
    /** As if the process had died before the end of the stage was stored. */
    reopen: () => db.stageRun.update({ ...stageRun, data: { state: 'pending', availableAt: new Date(0) } }),
    read: () =>
      db.run.findUniqueOrThrow({
        where: { id: seeded.runId },
        include: { artifacts: true, events: true, pullRequests: true, stageRuns: true },
      }),
  };
}
