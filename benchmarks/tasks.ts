/**
 * Tasks a second through the embedded pipeline with models that answer at once and a validation that does nothing: real
 * git, Postgres, queue, ledger, HTTP calls, analyzer, coder and publisher. What is left is what the system itself costs.
 */
import { openSystem } from '../packages/embedded/src/open-system.ts';
import { ensureRepository, runUntilIdle } from '../packages/embedded/src/scheduling.ts';
import { allStages } from '../packages/embedded/src/stages.ts';
import { startEmbedded } from '../packages/embedded/src/start-embedded.ts';
import { openLogger } from '../packages/shared/src/boot/logger.ts';
import type { ChangeSet } from '../packages/shared/src/contracts/change-set.ts';
import type { Verdict } from '../packages/shared/src/contracts/verdict.ts';
import { defineStage } from '../packages/shared/src/pipeline/stage.ts';
import { changeCommitOptions } from '../packages/shared/src/repo/change-commit.ts';
import { identifyRepository } from '../packages/shared/src/repo/identity.ts';
import { openBenchMachine } from './support/machine.ts';

const TASKS = Number(process.env.BENCH_TASKS ?? 60);
const results: Record<string, unknown> = {};

const noBaseline = defineStage({
  stage: 'baseline',
  timeoutMs: 60_000,
  process: async () => ({ kind: 'advance', artifacts: [{ kind: 'baseline', content: {} }] }),
});
const noValidation = defineStage({
  stage: 'validate',
  timeoutMs: 60_000,
  async process(context) {
    const changeSet = (await context.artifact('change_set')) as ChangeSet;
    const headCommit = await context.mirror.commitChangeSet(changeSet, await changeCommitOptions(context));
    const verdict: Verdict = {
      passed: true,
      findings: [],
      suppressed: [],
      packs: [],
      fingerprint: '',
      headCommit,
      run: null,
      baseTotals: null,
      tests: { newlyFailed: [], knownFailed: [], fixed: [], flaky: [], added: [], missing: [] },
      feedback: '',
    };
    return { kind: 'advance', artifacts: [{ kind: 'verdict', content: verdict }] };
  },
});

for (const concurrency of [1, 4]) {
  const machine = await openBenchMachine(TASKS);
  const { log, close } = openLogger({ env: machine.env, service: 'bench', screen: null });
  const system = await openSystem({ env: machine.env, log });
  const repository = await ensureRepository(system.db, await identifyRepository(machine.repository));
  const stages = [
    ...allStages.filter(({ stage }) => stage !== 'baseline' && stage !== 'validate'),
    noBaseline,
    noValidation,
  ];
  const running = await startEmbedded(system, { stages, concurrency });
  const start = performance.now();
  await runUntilIdle({ db: system.db, repositories: system.repositories, repository, log });
  const seconds = (performance.now() - start) / 1000;
  const published = await system.db.run.count({ where: { state: 'in_review' } });
  if (published !== TASKS) throw new Error(`${published} of ${TASKS} tasks were published`);
  results[`concurrency${concurrency}`] = {
    tasksPerSecond: Number((TASKS / seconds).toFixed(2)),
    stagesPerSecond: Number(((TASKS * 5) / seconds).toFixed(1)),
    msPerTask: Math.round((seconds * 1000) / TASKS),
  };
  await running.stop();
  await system.close();
  close();
  await machine.close();
}
process.stdout.write(`${JSON.stringify({ benchmark: 'tasks', tasks: TASKS, ...results })}\n`);
process.exit(0);
