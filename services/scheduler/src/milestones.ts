import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
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
  const announced: string[] = [];
  for (const { repositoryId, key, what, url, data } of [...(await firstPulls(db)), ...(await mergedPulls(db))]) {
    const content = JSON.stringify({ what, url, ...data, ...(await standing(db)) });
    const written = await db.$executeRaw`
      WITH noted AS (INSERT INTO setting (key, value) VALUES (${key}, to_jsonb(now())) ON CONFLICT (key) DO NOTHING RETURNING key)
      INSERT INTO event (repository_id, type, data) SELECT ${repositoryId}::uuid, 'milestone', ${content}::jsonb FROM noted`;
    if (written > 0) announced.push(what);
  }
  return announced;
}

async function firstPulls(db: Database): Promise<Reached[]> {
  const rows = await db.$queryRaw<{ repositoryId: string; url: string | null }[]>`
    SELECT DISTINCT ON (repository_id) repository_id AS "repositoryId", url FROM pull_request p
    WHERE number IS NOT NULL AND NOT EXISTS (SELECT FROM setting WHERE key = 'milestone:first:' || p.repository_id)
    GROUP BY repository_id, url HAVING min(created_at) > now() - interval '1 day' ORDER BY repository_id, min(created_at), min(number)`;
  const old = await db.$queryRaw<{ repositoryId: string }[]>`
    SELECT DISTINCT repository_id AS "repositoryId" FROM pull_request WHERE number IS NOT NULL AND created_at <= now() - interval '1 day'`;
  const before = new Set(old.map(({ repositoryId }) => repositoryId));
  return rows
    .filter(({ repositoryId }) => !before.has(repositoryId))
    .map(({ repositoryId, url }) => ({
      repositoryId,
      key: `milestone:first:${repositoryId}`,
      what: 'The first pull request',
      url,
      data: {},
    }));
}

async function mergedPulls(db: Database): Promise<Reached[]> {
  const rows = await db.$queryRaw<{ repositoryId: string; merged: number; closed: number; spent: bigint }[]>`
    SELECT p.repository_id AS "repositoryId", count(*) FILTER (WHERE p.state = 'merged')::int AS merged,
      count(*) FILTER (WHERE p.state = 'closed')::int AS closed,
      (SELECT coalesce(sum(e.charged_nano_usd), 0)::bigint FROM task t JOIN run r ON r.task_id = t.id JOIN model_call c ON c.run_id = r.id
        JOIN budget_entry e ON e.attempt_id = c.id AND e.part = 0 AND e.kind <> 'reserve' WHERE t.repository_id = p.repository_id) AS spent
    FROM pull_request p GROUP BY p.repository_id
    HAVING count(*) FILTER (WHERE p.state = 'merged') >= ${EVERY_MERGED} AND max(p.merged_at) > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM setting s WHERE s.key = 'milestone:merged:' || p.repository_id || ':'
        || count(*) FILTER (WHERE p.state = 'merged') / ${EVERY_MERGED} * ${EVERY_MERGED})`;
  return rows.map(({ repositoryId, merged, closed, spent }) => {
    const reached = merged - (merged % EVERY_MERGED);
    const data = {
      merged: reached,
      mergeRatePercent: Math.round((merged / (merged + closed)) * 100),
      perMergedNanoUsd: String((spent + BigInt(merged) - 1n) / BigInt(merged)),
    };
    return {
      repositoryId,
      key: `milestone:merged:${repositoryId}:${reached}`,
      what: `${reached} pull requests merged`,
      url: null,
      data,
    };
  });
}

/** Of the budget window that is open now. */
async function standing(db: Database): Promise<{ spentNanoUsd?: string; limitNanoUsd?: string }> {
  const [window] = await db.$queryRaw<{ spent: bigint; most: bigint }[]>`
    SELECT settled_nano_usd AS spent, limit_nano_usd AS most FROM budget_window
    WHERE budget_id = 'global' AND starts_at <= budget_now() AND (ends_at IS NULL OR ends_at > budget_now())
    ORDER BY starts_at DESC LIMIT 1`;
  return window === undefined ? {} : { spentNanoUsd: String(window.spent), limitNanoUsd: String(window.most) };
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
    atEnd: () => look().then(undefined, () => {}),
  });
}
