import type { OrchestratorConfig } from '../config/schema.ts';
import type { TaskView } from '../pipeline/stage.ts';
import type { CommitOptions, Mirror } from './mirror.ts';

/** What a commit of a run is made from: a StageContext has it. */
export interface ChangeCommitContext {
  readonly run: { readonly id: string; readonly baseCommit: string };
  readonly task: Pick<TaskView, 'key' | 'title'>;
  readonly config: { readonly publish: Pick<OrchestratorConfig['publish'], 'authorName' | 'authorEmail'> };
  readonly mirror: Pick<Mirror, 'commitDate'>;
}

const MAX_SUBJECT = 100;

/**
 * Message, author and date of the commit of a run. They depend on the run alone: the date is the base commit's, so that
 * the validator and the publisher, hours apart, make the same commit of the same change set.
 */
export async function changeCommitOptions({ run, task, config, mirror }: ChangeCommitContext): Promise<CommitOptions> {
  const subject = [...oneLine(task.title)].slice(0, MAX_SUBJECT).join('').trim() || oneLine(task.key);
  return {
    message: `${subject}\n\nTask: ${oneLine(task.key)}\nRun: ${run.id}\n`,
    authorName: config.publish.authorName,
    authorEmail: config.publish.authorEmail,
    date: await mirror.commitDate(run.baseCommit),
  };
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
