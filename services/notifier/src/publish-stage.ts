import { join } from 'node:path';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { defineStage, type StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import type { Published, PublishRequest } from '@orchestrator/shared/publish/platform.ts';
import { branchName } from '@orchestrator/shared/repo/branch-name.ts';
import { changeCommitOptions } from '@orchestrator/shared/repo/change-commit.ts';
import { gatherEvidence } from './evidence/gather.ts';
import { renderEvidence } from './evidence/render.ts';
import { choosePlatform } from './platforms/choose-platform.ts';
import { offerOf } from './publish/offer.ts';
import { oneAtATime } from './publish/one-at-a-time.ts';
import { isOurCommit } from './publish/our-commits.ts';
import { patchName } from './publish/patch-name.ts';
import { type RunResults, readResults } from './publish/read-results.ts';
import { recordPublication } from './publish/record-publication.ts';
import { writeFiles } from './publish/write-files.ts';

/** Content of the artifact `publication`. */
export interface Publication {
  readonly branch: string;
  readonly headCommit: string;
  readonly patchPath: string;
  /** Markdown beside the patch; `body` is its text. */
  readonly evidencePath: string;
  readonly body: string;
  /** null: the branch was not set, and only the files exist. */
  readonly place: Published['place'] | null;
  readonly url: string | null;
}

/** Of these the run ends, with its files kept. */
const ENDS = { PUBLISH_FOREIGN_COMMIT: 'fail', PUBLISH_CLOSED: 'reject' } as const;

/** Makes the judged commit again, writes its patch and evidence below ORCHESTRATOR_HOME/patches, and sets the branch. */
export const publishStage = defineStage({ stage: 'publish', timeoutMs: 10 * 60_000, process: publish });

async function publish(context: StageContext): Promise<Outcome> {
  const { config, db, mirror, repository, run, signal, task } = context;
  const results = await readResults(context);
  const headCommit = await rebuild(context, results);
  if (headCommit === null) return notWhatWasJudged(context);
  const branch = branchName(run.branch);
  context.progress(`publishing ${branch}`);
  const files = await writeEvidence(context, results, branch, headCommit);
  const request: PublishRequest = {
    mirror,
    branch,
    baseCommit: run.baseCommit,
    headCommit,
    signal,
    confirmHeld: context.confirmHeld,
    authorName: config.publish.authorName,
    authorEmail: config.publish.authorEmail,
    isOurs: (commit) => isOurCommit(db, task.id, commit),
    offer: await offerOf(context, files.body),
    rules: config.publish,
  };
  try {
    const platform = await choosePlatform(mirror.identity, context.env);
    const publishing = () => platform.publish(request);
    // Only pull requests have limits to keep together.
    const published = platform.id === 'github' ? await oneAtATime(db, repository.id, publishing) : await publishing();
    await recordPublication(db, context, { branch, headCommit, patchPath: files.patchPath, published });
    const publication: Publication = { branch, headCommit, ...files, place: published.place, url: published.url };
    const { files: changedFiles, addedLines, deletedLines } = await mirror.diffStat(run.baseCommit, headCommit);
    const data = {
      branch,
      headCommit,
      files: changedFiles,
      addedLines,
      deletedLines,
      place: published.place,
      patch: files.patchPath,
      ...(published.url ? { url: published.url } : {}),
    };
    for (const refused of published.refused ?? []) context.log.warn({ branch, refused }, 'the offer stands without it');
    context.log.info({ branch, commit: headCommit, place: published.place }, 'change published');
    return {
      kind: 'advance',
      artifacts: [{ kind: 'publication', content: publication }],
      events: [{ type: 'run.published', data }],
    };
  } catch (error) {
    if (!(error instanceof AppError) || !(error.code in ENDS)) throw error;
    const publication: Publication = { branch, headCommit, ...files, place: null, url: null };
    return {
      kind: ENDS[error.code as keyof typeof ENDS],
      code: error.code,
      message: `${error.message} The change is in ${files.patchPath}.`,
      artifacts: [{ kind: 'publication', content: publication }],
    };
  }
}

/** The commit of the change set, or null if it is not the one that the validator passed. */
async function rebuild(context: StageContext, { changeSet, verdict }: RunResults): Promise<string | null> {
  const commit = await context.mirror.commitChangeSet(changeSet, await changeCommitOptions(context));
  return verdict.passed && verdict.headCommit === commit ? commit : null;
}

function notWhatWasJudged({ run }: StageContext): Outcome {
  const reason =
    'the commit made of the change set is not the one that passed validation; was the author changed in between?';
  const error = new AppError('PUBLISH_FAILED', { branch: run.branch, reason });
  return { kind: 'fail', code: error.code, message: error.message, artifacts: [] };
}

async function writeEvidence(
  context: StageContext,
  results: RunResults,
  branch: string,
  headCommit: string,
): Promise<Pick<Publication, 'patchPath' | 'evidencePath' | 'body'>> {
  const { db, env, mirror, task, repository } = context;
  const body = renderEvidence(await gatherEvidence(context, results, { branch, headCommit }));
  const name = await patchName(db, task, repository);
  const folder = join(env.ORCHESTRATOR_HOME, 'patches');
  const patch = `${name}.patch`;
  const evidence = `${name}.md`;
  await writeFiles(folder, { [evidence]: body, [patch]: await mirror.formatPatch(headCommit) });
  return { patchPath: join(folder, patch), evidencePath: join(folder, evidence), body };
}
