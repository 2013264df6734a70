import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';

/** What the earlier stages of the run left. */
export interface RunResults {
  readonly changeSet: ChangeSet;
  readonly verdict: Verdict;
  readonly specification: Specification;
}

/** Throws an Error when one is missing or not in its form: earlier stages cannot have ended without them. */
export async function readResults({ artifact }: Pick<StageContext, 'artifact'>): Promise<RunResults> {
  const [changeSet, verdict, specification] = await Promise.all([
    artifact('change_set'),
    artifact('verdict'),
    artifact('specification'),
  ]);
  return {
    changeSet: ChangeSet.parse(changeSet),
    verdict: Verdict.parse(verdict),
    specification: Specification.parse(specification),
  };
}
