import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import { STATUS_TASK } from '@orchestrator/shared/github/pull-marker.ts';
import { commitOwnFile, offerOwnFile } from '@orchestrator/shared/publish/own-file.ts';
import type { Platform } from '@orchestrator/shared/publish/platform.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';
import { taskResults } from './task-results.ts';
import { writeResults } from './write-results.ts';

export interface PublishStatusOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly mirror: Mirror;
  readonly platform: Platform;
  readonly repositoryId: string;
  /** What is built on. */
  readonly head: { readonly branch: string; readonly commit: string };
  readonly config: Pick<OrchestratorConfig, 'publish' | 'tasks'>;
}

const TITLE = 'Write the results of tasks into the task file';
const BODY = `The orchestrator tells what became of the tasks: see \`TASK_RESULT\`. Only these markers and the boxes of finished
entries change. Turn it off with \`tasks.writeStatus: off\`.`;
const MAX_FILE_BYTES = 134_217_728;
/** Commits of ours that the branch may hold. */
const REMEMBERED = 20;

/**
 * Writes the results of a repository's tasks into its task file, where they are not there yet: by a commit to the branch
 * that is built on, or by the one pull request that is kept open for it. Both are compare-and-sets on the other side, so
 * several schedulers do no harm. Throws what publishing throws.
 */
export async function publishStatus(options: PublishStatusOptions): Promise<void> {
  const { db, log, mirror, repositoryId, head, config } = options;
  const file = config.tasks.file.replace(/^(?:\.?\/)+/, '');
  const bytes = await mirror.readFile(head.commit, file, MAX_FILE_BYTES);
  const results = bytes === null ? null : await taskResults(db, repositoryId);
  if (bytes === null || results === null || results.size === 0) return;
  const written = writeResults(bytes, file, results);
  if (written === null) return;
  const entry = (await mirror.listFiles(head.commit)).find(({ path }) => path === file);
  if (entry?.mode !== '100644' && entry?.mode !== '100755') return;
  const own = { path: file, mode: entry.mode, content: written, message: TITLE };
  const commit = await commitOwnFile(mirror, head.commit, own, config.publish);
  if (config.tasks.writeStatus === 'commit') {
    await mirror.push(head.branch, commit, head.commit);
    await mirror.refresh();
  } else await offer(options, commit, written);
  log.info({ file, commit, by: config.tasks.writeStatus }, 'results of tasks written back');
}

async function offer(
  { db, mirror, platform, repositoryId, head, config }: PublishStatusOptions,
  commit: string,
  content: Buffer,
): Promise<void> {
  const key = `task-status:${repositoryId}`;
  const stored = (await db.setting.findUnique({ where: { key } }))?.value;
  const earlier = Array.isArray(stored) ? stored.filter((value) => typeof value === 'string') : [];
  // Before the push: what a crash leaves on the branch is known as ours.
  const ours = [commit, ...earlier.filter((known) => known !== commit)].slice(0, REMEMBERED);
  await storeSetting(db, key, ours);
  await offerOwnFile(platform, {
    mirror,
    head,
    headCommit: commit,
    name: 'task+status',
    taskKey: STATUS_TASK,
    title: TITLE,
    body: BODY,
    content,
    ours,
    // It takes no place of a change.
    rules: { ...config.publish, maxOpen: Number.MAX_SAFE_INTEGER, maxPerHour: Number.MAX_SAFE_INTEGER },
    signal: AbortSignal.timeout(5 * 60_000),
  });
}
