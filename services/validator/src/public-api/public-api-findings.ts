import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Plan } from '../plan.ts';
import type { ApiQuestion, Versions } from './api-question.ts';
import { askInBox } from './ask-in-box.ts';
import { goQuestions } from './go-questions.ts';
import { pythonQuestions } from './python-questions.ts';
import { typescriptQuestions } from './typescript-questions.ts';

export interface PublicApiOptions {
  readonly changeSet: ChangeSet;
  readonly headCommit: string;
  readonly plan: Plan;
  readonly versions: Versions;
  /** Whether the specification names it. */
  readonly isPlanned: (name: string) => boolean;
}

const MAX_FINDINGS = 30;

/**
 * What a change takes from those who use its npm, Python and Go packages, by the word of a tool of each. Classes of the
 * JVM are compared with the run itself (bytecode/). Throws SANDBOX_UNAVAILABLE.
 */
export async function publicApiFindings(
  context: StageContext,
  { changeSet, headCommit, plan, versions, isPlanned }: PublicApiOptions,
): Promise<Finding[]> {
  const severity = context.config.validate.publicApi;
  // Without a sandbox there is only the demo's own example.
  if (severity === 'off' || plan.sandbox.info.tier === 'none') return [];
  const typescript = await typescriptQuestions(versions);
  const questions: ApiQuestion[] = [
    ...typescript.questions,
    ...(await pythonQuestions(versions)),
    ...(await goQuestions(versions)),
  ];
  const unknown = (name: string, why: string): Finding => ({
    check: 'policy.public-api',
    code: 'PUBLIC_API_UNKNOWN',
    severity: 'warning',
    message: `Nothing is known of the public API of ${name}: ${why}.`,
  });
  const findings = typescript.untold.map((name) => unknown(name, 'no source of its entries could be found'));
  if (questions.length === 0) return findings;
  context.progress('the public API before and after');
  const answers = await askInBox(context, { questions, plan, baseCommit: changeSet.baseCommit, headCommit });
  for (const { question, answer } of answers) {
    if (typeof answer === 'string') {
      findings.push(unknown(question.name, answer));
      continue;
    }
    for (const { name, why, file } of answer.api) {
      const planned = isPlanned(name);
      findings.push({
        check: 'policy.public-api',
        code: why === '' ? 'PUBLIC_API_REMOVED' : 'PUBLIC_API_CHANGED',
        severity: planned ? 'warning' : severity,
        message: `${question.name} ${why === '' ? `no longer has ${name}` : `changes ${name} for those who use it: ${why}`}. ${planned ? 'The specification names it.' : 'Keep what others use, or make it part of the specification.'}`,
        ...(file === '' ? {} : { file }),
      });
    }
  }
  return findings.slice(0, MAX_FINDINGS);
}
