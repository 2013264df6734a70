import type { Database } from '@orchestrator/shared/db/client.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import { endBody, isAsWritten, readMarker } from '@orchestrator/shared/github/pull-marker.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';
import { isInBase } from './is-in-base.ts';
import { type MayWrite, readSaid, storeReaction, storeSaid } from './review-items.ts';
import { settleSuperseded } from './settle-superseded.ts';

export interface SupersedeOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly github: GitHub;
  readonly at: GitHubAddress;
  readonly mirror: Mirror;
  readonly repositoryId: string;
  /** Head of the branch that is built on, as last fetched. */
  readonly baseHead: string;
  readonly mayWrite: MayWrite;
  /** By number: what was compared with the base already, so that trees are not read in vain. */
  readonly comparedOn: Map<number, string>;
}

interface OpenRow {
  readonly id: string;
  readonly number: number;
  readonly run_id: string;
  readonly base_commit: string;
  readonly head_commit: string;
  readonly status: string;
  /** A later pull request of the task that is open or merged. */
  readonly later: number | null;
}

/**
 * Closes pull requests that nobody needs any more: the task is gone or done, another pull request of it took over, or the
 * base holds the change already. Only where nobody has touched it: no commit, no word, no edit, no approval of a person.
 * One that people touched, or reopened, is theirs.
 */
export async function closeSuperseded(options: SupersedeOptions): Promise<void> {
  const { db, repositoryId } = options;
  const rows = await db.$queryRaw<OpenRow[]>`
    SELECT p.id, p.number, p.run_id, p.base_commit, p.head_commit, t.status,
      (SELECT max(q.number) FROM pull_request q WHERE q.repository_id = p.repository_id AND q.task_key = p.task_key
         AND q.number > p.number AND q.state IN ('open', 'merged')) AS later
    FROM pull_request p JOIN run r ON r.id = p.run_id JOIN task t ON t.id = r.task_id
    WHERE p.repository_id = ${repositoryId}::uuid AND p.state = 'open' AND p.number IS NOT NULL AND p.reacted_at IS NULL
      AND r.state IN ('in_review', 'cancelled')`;
  for (const row of rows) {
    const why = await whySuperseded(options, row);
    if (why !== null) await close(options, row, why);
  }
}

async function whySuperseded({ mirror, baseHead, comparedOn }: SupersedeOptions, row: OpenRow): Promise<string | null> {
  if (row.status === 'removed') return 'its task is no longer in the task file.';
  if (row.status === 'done') return 'its task is marked as done.';
  if (row.later !== null) return `#${row.later} took over its task.`;
  const compared = `${baseHead} ${row.head_commit}`;
  if (comparedOn.get(row.number) === compared) return null;
  const present = await isInBase(mirror, { base: row.base_commit, head: row.head_commit, baseHead });
  if (!present) comparedOn.set(row.number, compared);
  return present ? 'the branch that it is for holds the change already.' : null;
}

async function close(options: SupersedeOptions, row: OpenRow, why: string): Promise<void> {
  const { db, log, github, at, mayWrite } = options;
  const said = await readSaid(github, at, row.number, mayWrite);
  await storeSaid(db, row.id, said);
  const { data: pull } = await github.pulls.get({ ...at, pull_number: row.number });
  const untouched =
    said.reactedAt === null && pull.state === 'open' && pull.head.sha === row.head_commit && isAsWritten(pull.body);
  if (readMarker(pull.body)?.ended !== undefined) return;
  if (!untouched) {
    // It is theirs now, and not asked about again.
    if (pull.state === 'open') await storeReaction(db, row.id, new Date(pull.updated_at));
    return;
  }
  // State and reason in one request: whoever dies after it, the pull request itself says what it is.
  const body = endBody(pull.body ?? '', why);
  await github.pulls.update({ ...at, pull_number: row.number, state: 'closed', body });
  const settled = await db.$transaction((tx) =>
    settleSuperseded(tx, { id: row.id, number: row.number, runId: row.run_id }, why),
  );
  log.info({ number: row.number, reason: why }, 'pull request superseded');
  if (!settled) return;
  const words = `Closed, since ${why} Reopen it to keep it.\n\n<!-- ai-orchestrator superseded -->`;
  await github.issues.createComment({ ...at, issue_number: row.number, body: words });
}
