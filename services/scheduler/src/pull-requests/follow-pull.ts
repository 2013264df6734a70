import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import type { Logger } from 'pino';
import { redChecks } from './red-checks.ts';
import { type MayWrite, readSaid, type SaidItem, storeItems, storeReaction, storeSaid } from './review-items.ts';
import { startRound } from './start-round.ts';

export interface FollowOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly github: GitHub;
  readonly at: GitHubAddress;
  readonly config: OrchestratorConfig;
  /** Head of the branch that is built on, as last fetched. */
  readonly baseHead: string;
  readonly mayWrite: MayWrite;
  readonly memory: FollowMemory;
  readonly quietMs: number;
}

/** What was seen already in this process, so that GitHub is not asked for what cannot have changed. */
export interface FollowMemory {
  readonly updatedAt: Map<string, string>;
  readonly checkedCommit: Map<string, string>;
  readonly mergeableOn: Map<string, string>;
  /** By repository and number: the commits whose trees were compared. */
  readonly comparedOn: Map<string, Map<number, string>>;
}

export const newMemory = (): FollowMemory => ({
  updatedAt: new Map(),
  checkedCommit: new Map(),
  mergeableOn: new Map(),
  comparedOn: new Map(),
});

export interface OpenPull {
  /** Of our row. */
  readonly id: string;
  readonly number: number;
  /** What we pushed. */
  readonly ourCommit: string;
  /** What the branch holds. */
  readonly headCommit: string;
  readonly updatedAt: string;
}

/** Generous, since clocks differ: all that it costs is to read again. */
const SAME_SECOND_MS = 10_000;
/** How often a task is worked on anew because its base moved under its change. */
const MAX_REBUILDS = 3;

/** Reads what was said about an open pull request of ours and what its checks found, and begins a round where asked for. */
export async function followPull(options: FollowOptions, pull: OpenPull): Promise<void> {
  const { db, log, github, at, config, mayWrite, memory, quietMs } = options;
  const { followReviews, followChecks, rebuildOnConflict } = config.publish;
  const ours = pull.headCommit === pull.ourCommit;
  if (memory.updatedAt.get(pull.id) !== pull.updatedAt) {
    const said = await readSaid(github, at, pull.number, mayWrite);
    await storeSaid(db, pull.id, followReviews ? said : { ...said, items: said.items.map(unfollowed) });
    if (!ours) await storeReaction(db, pull.id, new Date());
    // The platform tells seconds: something may follow within the same one.
    if (Date.now() - Date.parse(pull.updatedAt) > SAME_SECOND_MS) memory.updatedAt.set(pull.id, pull.updatedAt);
  }
  if (followChecks && ours && memory.checkedCommit.get(pull.id) !== pull.headCommit) {
    const { ended, red } = await redChecks(github, at, pull.headCommit);
    await storeItems(db, pull.id, red);
    if (ended) memory.checkedCommit.set(pull.id, pull.headCommit);
  }
  const { id: pullRequestId, headCommit } = pull;
  const started = await startRound(db, { pullRequestId, headCommit, maxRounds: config.pipeline.maxRounds, quietMs });
  if (typeof started === 'number') log.info({ number: pull.number, round: started }, 'review round started');
  else if (started === 'limit' || started === 'foreign')
    log.info({ number: pull.number, reason: started }, 'what was said is not worked on');
  else if (started === 'nothing' && ours && rebuildOnConflict) await rebuildOnConflictOf(options, pull);
}

const unfollowed = (item: SaidItem): SaidItem => ({ dropped: 'reviews are not followed', ...item });

/** A change that no longer fits its base is made anew on the present one, and validated again before it is pushed. */
async function rebuildOnConflictOf(
  { db, log, github, at, baseHead, memory }: FollowOptions,
  pull: OpenPull,
): Promise<void> {
  const seen = `${baseHead} ${pull.headCommit}`;
  if (memory.mergeableOn.get(pull.id) === seen) return;
  const { data } = await github.pulls.get({ ...at, pull_number: pull.number });
  // null: GitHub has not worked it out yet.
  if (data.mergeable === null) return;
  memory.mergeableOn.set(pull.id, seen);
  if (data.mergeable || data.mergeable_state !== 'dirty') return;
  const asked = await db.$executeRaw`
    UPDATE task t SET retry_requested_at = now() FROM run r, pull_request p
    WHERE p.id = ${pull.id}::uuid AND r.id = p.run_id AND r.state = 'in_review' AND t.id = r.task_id
      AND t.retry_requested_at IS NULL AND t.revision = r.task_revision AND r.base_commit <> ${baseHead}
      AND r.number <= ${MAX_REBUILDS}
      AND NOT EXISTS (SELECT FROM run later WHERE later.task_id = t.id AND later.task_revision = r.task_revision AND later.number > r.number)`;
  if (asked > 0) log.info({ number: pull.number }, 'the change no longer fits its base: another run was asked for');
}
