import { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { RepositoryContext } from '@orchestrator/shared/contracts/context.ts';
import { Review } from '@orchestrator/shared/contracts/review.ts';
import { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { Verdict } from '@orchestrator/shared/contracts/verdict.ts';
import { lessonList, lessonsFor, markShown } from '@orchestrator/shared/lessons/retrieve.ts';
import type { StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { storedMessages } from './conversation.ts';
import { CurrentTree, MirrorFiles } from './guard/base-files.ts';
import { GUARD_LIMITS } from './guard/limits.ts';
import type { ConversationInput } from './open-conversation.ts';
import { loadTokenizer } from './prompt/count-tokens.ts';
import { reviewText } from './prompt/review-text.ts';
import { pathsToShow } from './prompt/shown-files.ts';
import { earlierChanges } from './repeated-change.ts';

export interface CodingInput extends ConversationInput {
  readonly files: MirrorFiles;
  /** Hashes of the changes that earlier rounds made, with their rounds. */
  readonly earlierChanges: ReadonlyMap<string, number>;
}

/** Everything that a round of coding starts from: artifacts of the earlier stages and rounds, and the base commit's files. */
export async function readInput(context: StageContext): Promise<CodingInput> {
  const { run, stageRun, task, config, mirror } = context;
  const specification = Specification.parse(await context.artifact('specification'));
  const repositoryContext = RepositoryContext.pick({ signatures: true }).safeParse(await context.artifact('context'));
  const earlier = stageRun.round > 1 ? await context.artifact('change_set', stageRun.round - 1) : null;
  const previous = earlier === null ? null : ChangeSet.parse(earlier);

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
    lessons: await lessonsText(context, specification),
    signatures: repositoryContext.success ? repositoryContext.data.signatures : [],
    files,
    tree: new CurrentTree(files, previous),
    previous,
    feedback: stageRun.round > 1 ? await feedbackFor(context) : null,
    earlier: storedMessages(earlier),
    earlierChanges: await earlierChanges(context),
    maxInputTokens: config.models.coder.maxInputTokens,
  };
}

/** What is wrong with the change of the round before: in the words of those who reviewed it, else of its verdict. */
async function feedbackFor({ artifact, stageRun }: StageContext): Promise<string | null> {
  const review = await artifact('review', stageRun.round);
  if (review !== null) return reviewText(Review.parse(review));
  const verdict = await artifact('verdict', stageRun.round - 1);
  return verdict === null ? null : Verdict.pick({ feedback: true }).parse(verdict).feedback;
}

async function lessonsText({ config, db, repository, run, task }: StageContext, { filesToChange }: Specification) {
  const paths = filesToChange.map(({ path }) => path);
  const query = { ...task, repositoryId: repository.id, paths, text: `${task.title}\n${task.body}` };
  const lessons = await lessonsFor(db, query, config.lessons);
  await markShown(db, run.id, lessons);
  return lessonList(lessons);
}
