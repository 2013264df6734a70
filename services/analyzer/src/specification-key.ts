import { createHash } from 'node:crypto';
import { RepositoryContext } from '@orchestrator/shared/contracts/context.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { PROMPT_VERSION } from './prompt/rules.ts';

/** Everything that the answer depends on: text of the task, base commit, prompt, model and what it is shown. */
export function specificationKey(
  { task, run, config }: Pick<StageContext, 'task' | 'run' | 'config'>,
  lessons: readonly string[] = [],
): string {
  const { timeout: _, ...analyzer } = config.models.analyzer;
  const parts = [
    PROMPT_VERSION,
    run.baseCommit,
    task.key,
    task.title,
    task.body,
    task.module,
    task.language,
    task.documents,
    task.criteria,
    analyzer,
    config.validate.protectedPaths,
    ...(lessons.length > 0 ? [lessons] : []),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The specification that an earlier run of the task got for the same key; null if there is none. */
export async function storedSpecification(context: Pick<StageContext, 'db' | 'task' | 'run'>, key: string) {
  const earlier = await context.db.artifact.findFirst({
    where: {
      kind: 'context',
      content: { path: ['key'], equals: key },
      run: { taskId: context.task.id, id: { not: context.run.id } },
    },
    orderBy: { createdAt: 'desc' },
    select: { runId: true, content: true },
  });
  if (!earlier) return null;
  const stored = await context.db.artifact.findFirst({
    where: { runId: earlier.runId, kind: 'specification' },
    orderBy: { round: 'desc' },
  });
  const [repositoryContext, specification] = [
    RepositoryContext.safeParse(earlier.content),
    Specification.safeParse(stored?.content),
  ];
  return repositoryContext.success && specification.success
    ? { repositoryContext: repositoryContext.data, specification: specification.data }
    : null;
}
