import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Repositories } from '@orchestrator/shared/boot/repositories.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError, describeError } from '@orchestrator/shared/errors/app-error.ts';
import { type GitHubAddress, githubAddress } from '@orchestrator/shared/github/address.ts';
import type { GitHub } from '@orchestrator/shared/github/client.ts';
import { GitHubWait, githubError } from '@orchestrator/shared/github/github-error.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from '../leader.ts';
import { applyPull, type SeenPull } from './apply-pull.ts';
import { type FollowMemory, followPull, newMemory } from './follow-pull.ts';
import { judgeOutcome } from './judge-outcome.ts';
import { learnPatterns } from './learn-patterns.ts';
import { readSaid, storeItems, writersOf } from './review-items.ts';
import { markHandled, takeHints } from './webhook-hints.ts';

export interface WatchPullsOptions {
  readonly db: Database;
  readonly env: Pick<Environment, 'GITHUB_TOKEN' | 'GITHUB_API_URL'>;
  readonly repositories: Repositories;
  readonly log: Logger;
  /** Absent: it looks in any case. */
  readonly leader?: Leader;
  /** Default 60 s. */
  readonly everyMs?: number;
  /** Comments are taken together once none has come for so long. Default 2 minutes. */
  readonly quietMs?: number;
  readonly memory?: FollowMemory;
}

/** What changed before the last look by less than this is read again: clocks differ, and applying twice does nothing. */
const OVERLAP_MS = 5 * 60_000;
/** Without a token there is nothing to watch; a token needs a restart anyway. */
const IDLE_MS = 60 * 60_000;

/** Webhooks are looked for so often. */
const HINT_MS = 2_000;

/** Looks at what people did with our pull requests: every minute, and as soon as a webhook hints at it. */
export function createPullWatcher(options: WatchPullsOptions): Component {
  const { db, env, log, leader, everyMs = 60_000 } = options;
  const memory = newMemory();
  let nextLookAt = 0;
  const round = async () => {
    if (env.GITHUB_TOKEN === undefined) return IDLE_MS;
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
  const { db, env, log } = options;
  const watched = await db.repository.findMany({
    where: { pullRequests: { some: { number: { not: null } } } },
    select: { id: true, url: true, name: true },
  });
  if (watched.length === 0) return undefined;
  const { openGitHub } = await import('@orchestrator/shared/github/client.ts');
  const github = openGitHub(env);
  for (const repository of watched) {
    const at = githubAddress({ kind: 'remote', url: repository.url }, env.GITHUB_API_URL);
    if (at === null) continue;
    try {
      await watchRepository(options, github, at, repository);
    } catch (error) {
      if (error instanceof GitHubWait) return Math.max(1_000, error.until.getTime() - Date.now());
      if (!(error instanceof AppError)) throw error;
      const { code, message, next } = describeError(error);
      log.warn({ repository: repository.name, code, reason: message, advice: next }, 'pull requests could not be read');
    }
  }
  return undefined;
}

async function watchRepository(
  { db, repositories, log, quietMs = 120_000, memory = newMemory() }: WatchPullsOptions,
  github: GitHub,
  at: GitHubAddress,
  { id: repositoryId, url }: { readonly id: string; readonly url: string },
): Promise<void> {
  const mirror = await repositories.mirror(url);
  const { commit: baseHead } = await mirror.head(null);
  const { config } = await repositories.config(mirror, baseHead);
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
      if (ended) await storeItems(db, ended.id, await readSaid(github, at, pull.number, mayWrite));
      await applyPull(db, scope, seen(pull), log);
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
  } catch (error) {
    throw githubError(error, at, 'pull requests');
  }
}

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
      outcomes: { none: { number: pull.number } },
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

/** Our pull requests that changed since the last look. `remember` moves on; until then they are shown again. */
async function changedPulls(db: Database, github: GitHub, at: GitHubAddress, repositoryId: string) {
  const key = `pulls.seen:${repositoryId}`;
  const stored = (await db.setting.findUnique({ where: { key } }))?.value;
  const before = typeof stored === 'string' ? stored : null;
  const since = new Date(before === null ? 0 : Date.parse(before) - OVERLAP_MS);
  const rows = await db.pullRequest.findMany({
    where: { repositoryId, number: { not: null } },
    select: { number: true },
  });
  const ours = new Set(rows.map(({ number }) => number));
  const pulls: ListedPull[] = [];
  let newest = before;
  const list = { ...at, state: 'all', sort: 'updated', direction: 'desc', per_page: 100 } as const;
  for await (const { data } of github.paginate.iterator(github.pulls.list, list)) {
    for (const pull of data) if (newest === null || pull.updated_at > newest) newest = pull.updated_at;
    pulls.push(...data.filter((pull) => ours.has(pull.number) && new Date(pull.updated_at) >= since));
    const last = data.at(-1);
    if (last === undefined || new Date(last.updated_at) < since) break;
  }
  return {
    pulls,
    async remember(): Promise<void> {
      if (newest !== null)
        await db.setting.upsert({ where: { key }, create: { key, value: newest }, update: { value: newest } });
    },
  };
}

type ListedPull = Awaited<ReturnType<GitHub['pulls']['list']>>['data'][number];

const seen = (pull: ListedPull): SeenPull => ({
  number: pull.number,
  url: pull.html_url,
  body: pull.body,
  labels: pull.labels.map(({ name }) => name),
  headCommit: pull.head.sha,
  state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  endedAt: (pull.merged_at ?? pull.closed_at) ? new Date((pull.merged_at ?? pull.closed_at) as string) : null,
});
