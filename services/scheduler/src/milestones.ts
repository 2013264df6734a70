import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { charged } from '@orchestrator/shared/budget/charged-sql.ts';
import { currentWindows } from '@orchestrator/shared/budget/windows.ts';
import { announceOnce } from '@orchestrator/shared/db/announce-once.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import { mergeRateOf, share } from '@orchestrator/shared/read/stats/share.ts';
import { SHOWN_STATE } from '@orchestrator/shared/read/stats/shown-state.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from './leader.ts';

/** Every so many merged pull requests of a repository. */
const EVERY_MERGED = 10;

interface Reached {
  readonly repositoryId: string;
  readonly key: string;
  readonly what: string;
  readonly url: string | null;
  readonly data: Record<string, unknown>;
}

/**
 * Writes an event for each milestone that a repository has reached and that was not announced yet: its first pull request,
 * and every tenth that was merged. Several processes may call it at once. What was reached before the last day is no news.
 */
export async function announceMilestones(db: Database): Promise<string[]> {
  const reached = [...(await firstPulls(db)), ...(await mergedPulls(db))];
  const spending = reached.length === 0 ? {} : await standing(db);
  const announced: string[] = [];
  for (const { repositoryId, key, what, url, data } of reached) {
    const news = { type: 'milestone', data: { what, url, ...data, ...spending }, repositoryId } as const;
    if (await announceOnce(db, key, news)) announced.push(what);
  }
  return announced;
}

async function firstPulls(db: Database): Promise<Reached[]> {
  const rows = await db.$queryRaw<{ repositoryId: string; url: string | null }[]>`
    SELECT first.repository_id AS "repositoryId", first.url FROM (
      SELECT DISTINCT ON (repository_id) repository_id, url, created_at FROM pull_request
      WHERE number IS NOT NULL ORDER BY repository_id, created_at, number
    ) first
    WHERE first.created_at > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM setting WHERE key = 'milestone:first:' || first.repository_id)`;
  return rows.map(({ repositoryId, url }) => ({
    repositoryId,
    key: `milestone:first:${repositoryId}`,
    what: 'The first pull request',
    url,
    data: {},
  }));
}

async function mergedPulls(db: Database): Promise<Reached[]> {
  const rows = await db.$queryRaw<{ repositoryId: string; merged: number; closed: number; spent: bigint }[]>`
    SELECT ended.*, ${charged(OF_REPOSITORY)} AS spent FROM (
      SELECT repository_id AS "repositoryId", count(*) FILTER (WHERE state = 'merged')::int AS merged,
        count(*) FILTER (WHERE state = 'closed')::int AS closed, max(merged_at) AS latest
      FROM (SELECT pull.repository_id, pull.merged_at, ${SHOWN_STATE} AS state FROM pull_request pull) shown GROUP BY 1
    ) ended
    WHERE merged >= ${EVERY_MERGED} AND latest > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM setting s
        WHERE s.key = 'milestone:merged:' || "repositoryId" || ':' || merged / ${EVERY_MERGED} * ${EVERY_MERGED})`;
  return rows.map(({ repositoryId, merged, closed, spent }) => {
    const reached = merged - (merged % EVERY_MERGED);
    return {
      repositoryId,
      key: `milestone:merged:${repositoryId}:${reached}`,
      what: `${reached} pull requests merged`,
      url: null,
      data: {
        merged: reached,
        mergeRatePercent: Math.round((mergeRateOf(merged, closed) ?? 0) * 100),
        perMergedNanoUsd: String(share(spent, merged)),
      },
    };
  });
}

const OF_REPOSITORY = Prisma.sql`
  c.run_id IN (SELECT r.id FROM run r JOIN task t ON t.id = r.task_id WHERE t.repository_id = ended."repositoryId")`;

/** Of the budget window that is open now. */
async function standing(db: Database): Promise<{ spentNanoUsd?: string; limitNanoUsd?: string }> {
  const [window] = await currentWindows(db, [GLOBAL_BUDGET]);
  if (window === undefined) return {};
  return { spentNanoUsd: String(window.settledNanoUsd), limitNanoUsd: String(window.limitNanoUsd) };
}

export interface MilestonesOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Absent: it is done here in any case. */
  readonly leader?: Leader;
  /** Default 30 s. */
  readonly everyMs?: number;
}

/** Looks for milestones now and then, and once more at the end. */
export function createMilestones({ db, log, leader, everyMs = 30_000 }: MilestonesOptions): Component {
  const look = async (): Promise<undefined> => {
    for (const what of await announceMilestones(db)) log.info({ what }, 'milestone reached');
    return undefined;
  };
  return createLoop({
    name: 'milestones',
    everyMs,
    round: leader ? whenLeading(leader, look) : look,
    failed: (error) => log.warn({ err: error }, 'milestones could not be looked for; tried again'),
    atEnd: () => look().catch(() => {}),
  });
}
