import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { GitHubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import { githubError } from '@orchestrator/shared/github/github-error.ts';
import { hasGitHub } from '@orchestrator/shared/github/has-github.ts';
import { placeOf } from '@orchestrator/shared/github/place.ts';
import { readMarker, resumeBody } from '@orchestrator/shared/github/pull-marker.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { eachGitHubRepository, NO_GITHUB_MS, type WatchGitHubOptions } from '../github-repositories.ts';
import { type Leader, whenLeading } from '../leader.ts';
import { applyPull } from './apply-pull.ts';
import { changedPulls, type ListedPull, seen } from './changed-pulls.ts';
import { closeSuperseded } from './close-superseded.ts';
import { type FollowMemory, followPull, newMemory } from './follow-pull.ts';
import { noteIgnored } from './ignored.ts';
import { judgeOutcome } from './judge-outcome.ts';
import { learnPatterns } from './learn-patterns.ts';
import { readSaid, storeSaid, writersOf } from './review-items.ts';
import { markHandled, takeHints } from './webhook-hints.ts';

export interface WatchPullsOptions extends WatchGitHubOptions {
  /** Absent: it looks in any case. */
  readonly leader?: Leader;
  /** Default 60 s. */
  readonly everyMs?: number;
  /** Comments are taken together once none has come for so long. Default 2 minutes. */
  readonly quietMs?: number;
  readonly memory?: FollowMemory;
}

/** Webhooks are looked for so often. */
const HINT_MS = 2_000;

/** Looks at what people did with our pull requests: every minute, and as soon as a webhook hints at it. */
export function createPullWatcher(options: WatchPullsOptions): Component {
  const { db, env, log, leader, everyMs = 60_000 } = options;
  const memory = newMemory();
  let nextLookAt = 0;
  const round = async () => {
    if (!hasGitHub(env)) return NO_GITHUB_MS;
    const hinted = await takeHints(db);
    if (hinted.length === 0 && performance.now() < nextLookAt) return HINT_MS;
    const pauseMs = await watchOnce({ ...options, memory });
    nextLookAt = performance.now() + (pauseMs ?? everyMs);
    // Hints are handled once a look has ended; one that failed is looked at again.
    await markHandled(db, hinted);
    return pauseMs ?? HINT_MS;
  };
  return createLoop({
    name: 'pull request watcher',
    everyMs: HINT_MS,
    round: leader ? whenLeading(leader, round) : round,
    failed: (error) => log.warn({ err: error }, 'pull requests could not be looked up; tried again'),
  });
}

/** One look at every repository that has pull requests of ours. Returns how long to wait where GitHub asks for it. */
export async function watchOnce(options: WatchPullsOptions): Promise<number | undefined> {
  const { db, env } = options;
  return eachGitHubRepository(options, 'pull requests', async (repository, address) => {
    if ((await db.pullRequest.count({ where: { repositoryId: repository.id, number: { not: null } } })) === 0) return;
    const { githubAccess } = await import('@orchestrator/shared/github/access.ts');
    const github = githubAccess(env).client(address);
    await watchRepository(options, github, await placeOf(github, address), repository);
  });
}

async function watchRepository(
  { db, repositories, log, quietMs = 120_000, memory = newMemory() }: WatchPullsOptions,
  github: GitHub,
  at: GitHubAddress,
  { id: repositoryId, url }: { readonly id: string; readonly url: string },
): Promise<void> {
  const mirror = await repositories.mirror(url);
  const first = await mirror.head(null);
  const { config } = await repositories.config(mirror, first.commit);
  const { commit: baseHead } = await mirror.head(config.repository.branch);
  try {
    const mayWrite = writersOf(github, at);
    const changed = await changedPulls(db, github, at, repositoryId);
    const scope = { repositoryId, rebuildLabel: config.publish.rebuildLabel };
    for (const pull of changed.pulls) {
      // What was said last is often the reason: it is read before the end is judged.
      const ended =
        pull.state === 'open'
          ? null
          : await db.pullRequest.findFirst({ where: { repositoryId, number: pull.number, state: 'open' } });
      if (ended) await storeSaid(db, ended.id, await readSaid(github, at, pull.number, mayWrite));
      await applyPull(db, scope, seen(pull), log);
      if (pull.state === 'open' && readMarker(pull.body)?.ended !== undefined)
        await github.pulls.update({ ...at, pull_number: pull.number, body: resumeBody(pull.body ?? '') });
      if (pull.state !== 'open') await judgeEnded(db, mirror, config, repositoryId, pull);
    }
    if (changed.pulls.some(({ state }) => state !== 'open'))
      await learnPatterns(db, repositoryId, config.lessons.halfLifeDays);
    await changed.remember();
    const follow = { db, log, github, at, config, baseHead, mayWrite, memory, quietMs };
    for (const row of await db.pullRequest.findMany({
      where: { repositoryId, state: 'open', number: { not: null } },
    })) {
      const number = row.number as number;
      const known = changed.pulls.find((pull) => pull.number === number);
      await followPull(follow, {
        id: row.id,
        number,
        ourCommit: row.headCommit,
        headCommit: known?.head.sha ?? row.headCommit,
        updatedAt: known?.updated_at ?? memory.updatedAt.get(row.id) ?? '',
      });
    }
    if (config.publish.closeSuperseded) {
      const comparedOn = memory.comparedOn.get(repositoryId) ?? new Map<number, string>();
      memory.comparedOn.set(repositoryId, comparedOn);
      await closeSuperseded({ db, log, github, at, mirror, repositoryId, baseHead, mayWrite, comparedOn });
    }
    await noteIgnored(db, repositoryId, config.publish.ignoredAfterDays);
  } catch (error) {
    throw githubError(error, at, 'pull requests');
  }
}

const MERGED = ['merged_as_is', 'merged_with_edits'];
const ENDED = [...MERGED, 'closed', 'superseded'];

/** Fetches first: the merged commit and people's commits on the branch are looked at. */
async function judgeEnded(
  db: Database,
  mirror: Mirror,
  config: OrchestratorConfig,
  repositoryId: string,
  pull: ListedPull,
): Promise<void> {
  const row = await db.pullRequest.findFirst({
    where: {
      repositoryId,
      number: pull.number,
      state: { in: ['merged', 'closed'] },
      // One that was ignored, or closed and reopened, and then merged is judged again.
      outcomes: { none: { result: { in: pull.merged_at ? MERGED : ENDED } } },
    },
  });
  if (row === null) return;
  await mirror.refresh();
  await judgeOutcome(db, mirror, config, {
    id: row.id,
    number: pull.number,
    url: pull.html_url,
    state: pull.merged_at ? 'merged' : 'closed',
    headCommit: pull.head.sha,
    mergeCommit: pull.merge_commit_sha,
    labels: pull.labels.map(({ name }) => name),
  });
}
