import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
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
      (SELECT coalesce(sum(b.charged_nano_usd), 0)::bigint FROM model_call c
        JOIN budget_entry b ON b.attempt_id = c.id AND b.part = 0 AND b.kind <> 'reserve' WHERE c.run_id = r.id) AS "costNanoUsd"
    FROM event e LEFT JOIN run r ON r.id = e.run_id LEFT JOIN task t ON t.id = r.task_id
      LEFT JOIN repository p ON p.id = coalesce(e.repository_id, t.repository_id)
    WHERE e.id = ${eventId}`;
  const row = rows[0];
  if (!row) throw new Error(`there is no event ${eventId}`);
  const { type, at, data, runId, taskKey, title, round, costNanoUsd, pullUrl: url } = row;
  return {
    eventId,
    type,
    at,
    data,
    repository: row.repositoryName === null ? null : { name: row.repositoryName, url: row.repositoryUrl },
    run: runId === null ? null : { id: runId, taskKey, title, round, costNanoUsd, url },
  };
}
