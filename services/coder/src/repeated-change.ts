import { createHash } from 'node:crypto';
import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';

/** Identity of what a change set makes of the repository, whatever is said about it. */
export function changeHash({ baseCommit, files }: Pick<ChangeSet, 'baseCommit' | 'files'>): string {
  const parts = files.map((file) =>
    file.op === 'write' ? [file.path, file.mode, file.contentBase64] : [file.path, null, null],
  );
  return createHash('sha256')
    .update(JSON.stringify([baseCommit, parts]))
    .digest('hex');
}

/**
 * The changes of the earlier rounds, each with its latest round, back to the one that reviewers last looked at: they may
 * ask for what was there before.
 */
export async function earlierChanges({
  artifact,
  stageRun,
}: Pick<StageContext, 'artifact' | 'stageRun'>): Promise<ReadonlyMap<string, number>> {
  const rounds = new Map<string, number>();
  for (let round = stageRun.round - 1; round >= 1; round -= 1) {
    const earlier = ChangeSet.safeParse(await artifact('change_set', round));
    if (!earlier.success) break;
    const hash = changeHash(earlier.data);
    if (!rounds.has(hash)) rounds.set(hash, round);
    if ((await artifact('review', round + 1)) !== null) break;
  }
  return rounds;
}
