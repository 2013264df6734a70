import type { RepositoryContext } from '@orchestrator/shared/contracts/context.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { ErrorCode } from '@orchestrator/shared/errors/errors.ts';
import { lessonsFor, markShown } from '@orchestrator/shared/lessons/retrieve.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { defineStage, type StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { askSpecification } from './ask-specification.ts';
import { selectContext } from './context/select-context.ts';
import { analyzerRequest } from './prompt/analyzer-request.ts';
import { PROMPT_VERSION } from './prompt/rules.ts';
import { specificationKey, storedSpecification } from './specification-key.ts';

/** Answers of the model that another try of the same question does not mend. */
const FINAL: readonly ErrorCode[] = ['MODEL_REFUSED', 'MODEL_TRUNCATED', 'MODEL_REPLY_INVALID'];

/** Task + repository -> specification. */
export const analyzeStage = defineStage({ stage: 'analyze', timeoutMs: 15 * 60_000, process: analyze });

async function analyze(context: StageContext): Promise<Outcome> {
  const { config, db, repository, run, task } = context;
  const query = { ...task, repositoryId: repository.id, paths: task.documents, text: `${task.title}\n${task.body}` };
  const lessons = await lessonsFor(db, query, config.lessons);
  const key = specificationKey(
    context,
    lessons.map(({ text }) => text),
  );
  const stored = await storedSpecification(context, key);
  if (stored) {
    context.log.info({ key }, 'specification of an earlier run taken over');
    return specified(stored.repositoryContext, stored.specification);
  }

  context.progress('reading the repository');
  const selected = await selectContext({
    mirror: context.mirror,
    commit: context.run.baseCommit,
    task: context.task,
    config: context.config,
  });
  const tree = await context.mirror.listFiles(context.run.baseCommit);
  context.log.info(
    { files: selected.files.length, tokens: selected.tokens, notes: selected.notes },
    'context selected',
  );

  context.progress('writing the specification');
  try {
    const request = analyzerRequest(task, selected, config, lessons);
    await markShown(db, run.id, lessons);
    const { specification, notes } = await askSpecification({
      models: context.models,
      request,
      tree,
      config: context.config,
      signal: context.signal,
    });
    return specified(artifactOf(key, selected, notes), specification);
  } catch (error) {
    if (error instanceof AppError && FINAL.includes(error.code))
      return { kind: 'fail', code: error.code, message: error.message, artifacts: [] };
    throw error;
  }
}

function specified(repositoryContext: RepositoryContext, specification: Specification): Outcome {
  return {
    kind: 'advance',
    artifacts: [
      { kind: 'context', content: repositoryContext },
      { kind: 'specification', content: specification },
    ],
    events: [
      {
        type: 'run.specified',
        data: { summary: specification.summary, files: specification.filesToChange.map((file) => file.path) },
      },
    ],
  };
}

function artifactOf(
  key: string,
  selected: Awaited<ReturnType<typeof selectContext>>,
  notes: readonly string[],
): RepositoryContext {
  return {
    key,
    promptVersion: PROMPT_VERSION,
    files: selected.files.map(({ path, tokens, reason, whole }) => ({ path, tokens, reason, whole })),
    signatures: selected.signatures.map(({ path, text }) => ({ path, text })),
    tokens: selected.tokens,
    notes: [...selected.notes, ...notes],
  };
}
