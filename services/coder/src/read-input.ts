import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { RepositoryContext } from '@orchestrator/shared/contracts/context.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { storedMessages } from './conversation.ts';
import { CurrentTree, MirrorFiles } from './guard/base-files.ts';
import { GUARD_LIMITS } from './guard/limits.ts';
import type { ConversationInput } from './open-conversation.ts';
import { loadTokenizer } from './prompt/count-tokens.ts';
import { pathsToShow } from './prompt/shown-files.ts';

export interface CodingInput extends ConversationInput {
  readonly files: MirrorFiles;
}

/** Everything that a round of coding starts from: artifacts of the earlier stages and rounds, and the base commit's files. */
export async function readInput(context: StageContext): Promise<CodingInput> {
  const { run, stageRun, task, config, mirror } = context;
  const specification = Specification.parse(await context.artifact('specification'));
  const repositoryContext = RepositoryContext.pick({ signatures: true }).safeParse(await context.artifact('context'));
  const earlier = stageRun.round > 1 ? await context.artifact('change_set', stageRun.round - 1) : null;
  const previous = earlier === null ? null : ChangeSet.parse(earlier);
  const verdict = stageRun.round > 1 ? await context.artifact('verdict', stageRun.round - 1) : null;

  const files = new MirrorFiles(
    mirror,
    run.baseCommit,
    await mirror.listFiles(run.baseCommit),
    GUARD_LIMITS.maxFileBytes,
  );
  const changed = previous?.files.map((file) => file.path) ?? [];
  await loadTokenizer();
  const wanted = pathsToShow(specification, changed, task.documents);
  await files.load([...wanted.change, ...wanted.read]);
  return {
    task,
    specification,
    signatures: repositoryContext.success ? repositoryContext.data.signatures : [],
    files,
    tree: new CurrentTree(files, previous),
    previous,
    feedback: verdict === null ? null : Verdict.pick({ feedback: true }).parse(verdict).feedback,
    earlier: storedMessages(earlier),
    maxInputTokens: config.models.coder.maxInputTokens,
  };
}
