import { CHARGED_TO_TASK } from '@orchestrator/shared/budget/charged-sql.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { TaskResult } from './write-results.ts';

interface Row {
  readonly key: string;
  readonly state: string;
  readonly endCode: string | null;
  readonly number: number | null;
  readonly spent: bigint;
}

/** What became of the present text of each task, where something has. */
export async function taskResults(db: Database, repositoryId: string): Promise<ReadonlyMap<string, TaskResult>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT t.key, latest.state, latest.end_code AS "endCode",
      (SELECT max(p.number) FROM pull_request p WHERE p.run_id = latest.id) AS number,
      ${CHARGED_TO_TASK} AS spent
    FROM task t JOIN LATERAL (
      SELECT r.id, r.state, r.end_code FROM run r WHERE r.task_id = t.id AND r.task_revision = t.revision
      ORDER BY r.number DESC LIMIT 1
    ) latest ON latest.state IN ('in_review', 'merged', 'rejected', 'failed')
    WHERE t.repository_id = ${repositoryId}::uuid AND t.status <> 'removed'`;
  return new Map(rows.map((row) => [row.key, { text: words(row), done: row.state === 'merged' }]));
}

function words({ state, endCode, number, spent }: Row): string {
  const reason = endCode === null ? [] : [endCode];
  const pull = number === null ? [] : [`#${number}`];
  return [state.replace('_', ' '), ...pull, ...reason, formatUsd(spent)].join(', ');
}
