import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Offer } from '@orchestrator/shared/publish/platform.ts';

/** What people are told of the change of a run. A pull request's title may hold 256 characters. */
export async function offerOf(
  { config, db, repository, run, task }: Pick<StageContext, 'config' | 'db' | 'repository' | 'run' | 'task'>,
  body: string,
): Promise<Offer> {
  const row = await db.run.findUniqueOrThrow({
    where: { id: run.id },
    select: { number: true, task: { select: { textHash: true } } },
  });
  return {
    title: [...task.title.replace(/\s+/g, ' ').trim()].slice(0, 200).join('') || task.key,
    body,
    taskKey: task.key,
    textHash: row.task.textHash,
    askedFor: row.number > 1,
    base: config.repository.branch ?? repository.defaultBranch,
  };
}
