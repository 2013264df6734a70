import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';
import type { RepositoryRef } from '../repository.ts';
import { readTaskFile } from '../task-file/parse-task-file.ts';
import type { ParsedTaskFile } from '../task-file/parsed-task.ts';
import { formatProblem, type Problem } from '../task-file/problem.ts';
import { type MirroredTasks, mirrorTasks } from './mirror-tasks.ts';
import { reportProblems } from './report-problems.ts';

export interface SyncTasksOptions {
  readonly db: Database;
  readonly mirror: Mirror;
  readonly repository: RepositoryRef;
  readonly config: Pick<OrchestratorConfig, 'repository' | 'tasks'>;
  readonly log: Logger;
}

export interface SyncedTasks extends MirroredTasks {
  /** Head of the branch that was read. */
  readonly commit: string;
  readonly branch: string;
  /** Each concerns one task, which is left out; the others were mirrored. */
  readonly problems: readonly Problem[];
}

/** More bytes than MAX_FILE_CHARACTERS can take. */
const MAX_FILE_BYTES = 134_217_728;

/**
 * Mirrors the task file at the head of the branch into `task` rows, in one transaction. A task whose text was edited gets
 * a new revision, one that is gone is removed; their runs in progress are asked to stop. A task with a mistake is blocked
 * as long as the mistake stands, and its run goes on.
 *
 * Throws TASKS_NOT_FOUND (nothing is changed), TASKS_EMPTY and TASKS_INVALID where no task at all is left (rows are
 * changed), REPO_EMPTY and REPO_NO_DEFAULT_BRANCH.
 */
export async function syncTasks({ db, mirror, repository, config, log }: SyncTasksOptions): Promise<SyncedTasks> {
  const { branch, commit } = await mirror.head(config.repository.branch);
  const known = lastSync.get(mirror);
  if (known?.db === db && known.configured === config.tasks.file && (await isAt(db, repository, { branch, commit }))) {
    if (known.synced.commit === commit) return { ...known.synced, ...NO_CHANGE };
  }
  const { file, parsed } = await readTasksAt(mirror, commit, config.tasks.file, repository.url);
  const { problems } = parsed;
  const mirrored = await db.$transaction(
    async (tx) => {
      const result = await mirrorTasks(tx, { repository, branch, commit, file, parsed });
      await reportProblems(tx, { repository, commit, file, problems });
      return result;
    },
    { timeout: 120_000, maxWait: 30_000 },
  );
  log.info(
    { repository: repository.name, commit, tasks: parsed.tasks.length, problems: problems.length, ...mirrored },
    'task file read',
  );
  if (parsed.tasks.length === 0 && problems.length > 0) throw tasksInvalid(file, problems);
  if (parsed.tasks.length === 0) throw new AppError('TASKS_EMPTY', { file });
  const synced = { commit, branch, problems, ...mirrored };
  lastSync.set(mirror, { db, configured: config.tasks.file, synced });
  return synced;
}

/** What this process read last through a mirror: a backlog of thousands is not read again while nothing is committed. */
const lastSync = new WeakMap<Mirror, { db: Database; configured: string; synced: SyncedTasks }>();
const NO_CHANGE: MirroredTasks = { added: 0, revised: 0, removed: 0, restored: 0, cancelled: 0 };

/** Whether the rows are those of a commit: another process may have read another one since. */
async function isAt(db: Database, { id }: RepositoryRef, head: { branch: string; commit: string }): Promise<boolean> {
  const row = await db.repository.findUnique({ where: { id }, select: { headCommit: true, defaultBranch: true } });
  return row?.headCommit === head.commit && row.defaultBranch === head.branch;
}

/** The task file at a commit. Throws TASKS_NOT_FOUND. */
export async function readTasksAt(
  mirror: Mirror,
  commit: string,
  configured: string,
  repo: string,
): Promise<{ file: string; parsed: ParsedTaskFile }> {
  const file = configured.replace(/^(?:\.?\/)+/, '');
  const bytes = await mirror.readFile(commit, file, MAX_FILE_BYTES);
  if (bytes === null) throw new AppError('TASKS_NOT_FOUND', { file, commit: commit.slice(0, 12), repo });
  return { file, parsed: await readTaskFile(bytes, file) };
}

/** TASKS_INVALID that names the first problems, one a line; all of them are in its detail. */
export function tasksInvalid(file: string, problems: readonly Problem[]): AppError {
  const shown = problems.slice(0, 20).map(formatProblem);
  if (problems.length > shown.length) shown.push(`... and ${problems.length - shown.length} more`);
  return new AppError(
    'TASKS_INVALID',
    { file, problems: problems.length, list: problems.slice(0, 1_000) },
    { message: [`${problems.length} problem(s) in ${file}`, ...shown].join('\n  ') },
  );
}
