import { CHARGED_TO_RUN } from '@orchestrator/shared/budget/charged-sql.ts';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { z } from 'zod';
import type { Notice } from '../channel.ts';

interface Row {
  readonly type: EventType;
  readonly at: Date;
  readonly data: Record<string, unknown>;
  readonly runId: string | null;
  readonly taskKey: string;
  readonly title: string;
  readonly round: number;
  readonly costNanoUsd: bigint;
  readonly pullUrl: string | null;
  readonly repositoryName: string | null;
  readonly repositoryUrl: string;
}

/** The event with what it happened to, as it is now. */
export async function readNotice(db: Database, eventId: bigint): Promise<Notice> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT e.type, e.at, e.data, r.id AS "runId", t.key AS "taskKey", t.title, r.round, p.name AS "repositoryName", p.url AS "repositoryUrl",
      (SELECT url FROM pull_request WHERE run_id = r.id ORDER BY updated_at DESC LIMIT 1) AS "pullUrl",
      ${CHARGED_TO_RUN} AS "costNanoUsd"
    FROM event e LEFT JOIN run r ON r.id = e.run_id LEFT JOIN task t ON t.id = r.task_id
      LEFT JOIN repository p ON p.id = coalesce(e.repository_id, t.repository_id)
    WHERE e.id = ${eventId}`;
  const row = rows[0];
  if (!row) throw new Error(`there is no event ${eventId}`);
  const { type, at, data, runId, taskKey, title, round, costNanoUsd, pullUrl: url } = row;
  const ended = runId !== null && (type === 'run.failed' || type === 'run.rejected');
  const findings = ended ? { findings: await firstErrors(db, runId) } : {};
  return {
    eventId,
    type,
    at,
    data,
    repository: row.repositoryName === null ? null : { name: row.repositoryName, url: row.repositoryUrl },
    run: runId === null ? null : { id: runId, taskKey, title, round, costNanoUsd, url, ...findings },
  };
}

const SHOWN_FINDINGS = 3;
const Findings = z.object({ findings: z.array(Finding) });

/** Of the latest verdict. */
async function firstErrors(db: Database, runId: string): Promise<Finding[]> {
  const verdict = await db.artifact.findFirst({
    where: { runId, kind: 'verdict' },
    orderBy: { round: 'desc' },
    select: { content: true },
  });
  const { findings = [] } = Findings.safeParse(verdict?.content).data ?? {};
  return findings.filter(({ severity }) => severity === 'error').slice(0, SHOWN_FINDINGS);
}

/** More lines than one message has room for. */
const MAX_HISTORY = 40;

/** What is told of a run up to the newest of `told`, in order: events of the wanted types. */
export async function readHistory(
  db: Database,
  runId: string,
  types: readonly string[],
  told: readonly Notice[],
): Promise<Notice[]> {
  const known = new Map(told.map((notice) => [notice.eventId, notice]));
  const newest = told.at(-1)?.eventId ?? 0n;
  const rows = await db.event.findMany({
    where: { runId, type: { in: [...types] }, id: { lte: newest } },
    orderBy: { id: 'desc' },
    take: MAX_HISTORY,
  });
  const like = told.at(-1);
  return rows.reverse().map(({ id, type, at, data }) => {
    const notice: Omit<Notice, 'repository' | 'run'> = {
      eventId: id,
      type: type as EventType,
      at,
      data: data as Record<string, unknown>,
    };
    return known.get(id) ?? { ...notice, repository: like?.repository ?? null, run: like?.run ?? null };
  });
}
