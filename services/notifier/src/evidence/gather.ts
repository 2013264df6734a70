import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { RunResults } from '../publish/read-results.ts';
import { readCosts } from './costs.ts';
import type { Evidence } from './evidence.ts';

export async function gatherEvidence(
  { db, mirror, repository, run, task }: StageContext,
  { specification, verdict }: RunResults,
  { branch, headCommit }: { readonly branch: string; readonly headCommit: string },
): Promise<Evidence> {
  const [stat, costs] = await Promise.all([mirror.diffStat(run.baseCommit, headCommit), readCosts(db, run.id)]);
  return { task, repository, run, branch, headCommit, stat, specification, verdict, costs };
}
