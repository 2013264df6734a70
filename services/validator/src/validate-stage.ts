import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { CheckRun, type Finding, Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { defineStage, type StageContext, type StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { changeCommitOptions } from '@orchestrator/shared/repo/change-commit.ts';
import { classFindings } from './bytecode/class-findings.ts';
import { checkRun } from './check-run.ts';
import { crossRuns } from './cross-runs.ts';
import { coversAll } from './find-recipe.ts';
import { newPackages } from './new-packages.ts';
import { obtainBaseline, planRun } from './plan.ts';
import { plannedNames } from './public-api/planned-names.ts';
import { publicApiFindings } from './public-api/public-api-findings.ts';
import type { SandboxChoice } from './sandbox/choose-sandbox.ts';
import { runChecks } from './static-checks.ts';
import { sift } from './suppressions.ts';
import { judge } from './verdict.ts';

const TIMEOUT_MS = 2 * 60 * 60_000;

/** Judges a change set: checks, then build and test in the sandbox, then the comparison with the base commit. */
export const validateStage = (choice: SandboxChoice = {}): StageDefinition =>
  defineStage({
    stage: 'validate',
    timeoutMs: TIMEOUT_MS,
    async process(context) {
      const verdict = await judgeChange(context, ChangeSet.parse(await context.artifact('change_set')), choice);
      return outcomeOf(context, verdict, await earlierFingerprints(context));
    },
  });

async function judgeChange(context: StageContext, changeSet: ChangeSet, choice: SandboxChoice): Promise<Verdict> {
  const base = CheckRun.parse(await context.artifact('baseline'));
  const options = await changeCommitOptions(context);
  const { mirror, run, progress } = context;
  let headCommit: string;
  try {
    headCommit = await mirror.commitChangeSet(changeSet, options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'EDIT_REJECTED') throw error;
    const finding: Finding = {
      check: 'apply',
      code: 'EDIT_REJECTED',
      severity: 'error',
      message: String(error.detail.problem ?? error.message),
    };
    return judge({ base, head: null, headCommit: run.baseCommit, policy: [finding], flaky: [] });
  }
  progress('checks');
  const { findings, packs, input, head: headFiles } = await runChecks(context, changeSet, headCommit);
  const { findings: policy, suppressed } = sift(findings, input.written, context.config.validate);
  const checked = { headCommit, policy, suppressed, packs };
  if (policy.some((finding) => finding.severity === 'error')) return judge({ ...checked, base, head: null, flaky: [] });

  let plan = await planRun(context, context.task.module, choice);
  let baseline = base;
  // A change outside the part that the task names is tested with everything.
  if (
    !coversAll(
      plan.recipe,
      changeSet.files.map((file) => file.path),
    )
  ) {
    plan = await planRun(context, null, choice);
    baseline = await obtainBaseline(context, plan);
  }
  const { fetch, findings: unfetched } = await newPackages(input, plan.recipe);
  plan = { ...plan, newPackages: fetch };
  const { run: head, flaky } = await checkRun({
    ...plan,
    mirror,
    progress,
    signal: context.signal,
    home: context.env.ORCHESTRATOR_HOME,
    repositoryId: context.repository.id,
    commit: headCommit,
    baseCommit: run.baseCommit,
    knownFailures: new Set(baseline.tests?.filter((test) => test.status === 'failed').map((test) => test.id) ?? []),
  });
  const isPlanned = plannedNames(input.specification);
  const compiled = sift(
    classFindings({
      base: baseline.classes ?? null,
      head: head.classes ?? null,
      packs,
      publicApi: context.config.validate.publicApi,
      isPlanned,
    }),
    input.written,
    context.config.validate,
  );
  const judged = {
    headCommit,
    packs,
    policy: [...policy, ...unfetched, ...compiled.findings],
    suppressed: [...suppressed, ...compiled.suppressed],
    base: baseline,
    head: withoutApi(head),
    flaky,
  };
  const verdict = judge(judged);
  if (!verdict.passed) return verdict;
  const crossed = await crossRuns(context, { changeSet, plan, base: baseline, head });
  const api = sift(
    await publicApiFindings(context, {
      changeSet,
      headCommit,
      plan,
      versions: { before: input.base, after: headFiles, changed: changeSet.files.map((file) => file.path) },
      isPlanned,
    }),
    input.written,
    context.config.validate,
  );
  if (crossed.length + api.findings.length + api.suppressed.length === 0) return verdict;
  return judge({
    ...judged,
    policy: [...judged.policy, ...api.findings],
    suppressed: [...judged.suppressed, ...api.suppressed],
    crossed,
  });
}

/** The list of all members was only needed for the comparison. */
const withoutApi = (run: CheckRun): CheckRun =>
  run.classes ? { ...run, classes: { ...run.classes, api: null } } : run;

/** What failed in the rounds since the change last passed: what reviewers ask for after that is another piece of work. */
async function earlierFingerprints({ artifact, stageRun }: StageContext): Promise<ReadonlySet<string>> {
  const fingerprints = new Set<string>();
  for (let round = stageRun.round - 1; round >= 1; round -= 1) {
    const earlier = Verdict.safeParse(await artifact('verdict', round));
    if (!earlier.success || earlier.data.passed) break;
    fingerprints.add(earlier.data.fingerprint);
  }
  return fingerprints;
}

function outcomeOf({ stageRun, config }: StageContext, verdict: Verdict, earlier: ReadonlySet<string>): Outcome {
  const { round } = stageRun;
  const first = verdict.findings[0];
  const artifacts = [{ kind: 'verdict', content: verdict }] as const;
  const events = [
    {
      type: 'run.validated',
      data: {
        round,
        passed: verdict.passed,
        headCommit: verdict.headCommit,
        totals: verdict.run?.totals ?? null,
        baseTotals: verdict.baseTotals,
        errors: verdict.findings.filter((finding) => finding.severity === 'error').length,
        first:
          first === undefined
            ? null
            : {
                code: first.code,
                file: first.file ?? null,
                line: first.line ?? null,
                test: first.test ?? null,
                message: first.message.slice(0, 300),
              },
        flaky: verdict.tests.flaky.length,
        sandbox: verdict.run?.sandbox.tier ?? null,
      },
    },
  ] as const;
  if (verdict.passed) return { kind: 'advance', artifacts, events };
  const reject = (error: AppError): Outcome => ({
    kind: 'reject',
    code: error.code,
    message: error.message,
    artifacts,
    events,
  });
  if (earlier.has(verdict.fingerprint)) return reject(new AppError('NO_PROGRESS', { what: 'The same failure' }));
  if (round >= config.pipeline.maxRounds) return reject(new AppError('ROUNDS_EXHAUSTED', { rounds: round }));
  return { kind: 'rework', artifacts, events };
}
