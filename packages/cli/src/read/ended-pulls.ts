import { CHARGED_TO_RUN } from '@orchestrator/shared/budget/charged-sql.ts';
import { usdDigits } from '@orchestrator/shared/budget/money.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

interface Row {
  readonly taskKey: string;
  readonly module: string | null;
  readonly language: string | null;
  readonly number: number | null;
  readonly url: string | null;
  readonly branch: string;
  readonly state: string;
  readonly mergedAt: Date | null;
  readonly closedAt: Date | null;
  readonly headCommit: string;
  readonly rounds: number;
  readonly spentNanoUsd: bigint;
  readonly models: string[];
  readonly prompts: string[];
  readonly lessons: number;
  readonly outcomes: readonly (Outcome & { readonly of_latest: boolean })[];
}

interface Outcome {
  readonly pr_number: number;
  /** merged_as_is | merged_with_edits | closed | ignored | superseded */
  readonly result: string;
  readonly cause: string | null;
  readonly reason: string | null;
  readonly edits: readonly { readonly path: string; readonly removed: string; readonly added: string }[];
  readonly judged_at: string;
}

/**
 * Content of merged_prs.json: each pull request that ended, the first to end first, with what became of it. A pull request
 * that ended several times, since its branch was offered again, has the earlier ends in `earlier_outcomes`.
 */
export async function endedPulls(db: Database, repositoryId: string): Promise<Record<string, unknown>[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT pull.task_key AS "taskKey", t.module, t.language, pull.number, pull.url, pull.branch, pull.state,
      pull.merged_at AS "mergedAt", pull.closed_at AS "closedAt", pull.head_commit AS "headCommit", r.round AS rounds,
      ${CHARGED_TO_RUN} AS "spentNanoUsd",
      ARRAY(SELECT DISTINCT c.role || ' ' || c.provider || '/' || c.model FROM model_call c WHERE c.run_id = r.id ORDER BY 1) AS models,
      ARRAY(SELECT DISTINCT c.prompt_version FROM model_call c WHERE c.run_id = r.id AND c.prompt_version IS NOT NULL ORDER BY 1) AS prompts,
      (SELECT count(*)::int FROM run_lesson l WHERE l.run_id = r.id) AS lessons,
      coalesce((SELECT jsonb_agg(jsonb_build_object('pr_number', o.number, 'result', o.result, 'cause', o.cause,
          'reason', o.reason, 'edits', o.edits, 'judged_at', o.at, 'of_latest', o.run_id = pull.run_id) ORDER BY o.at)
        FROM pull_outcome o WHERE o.pull_request_id = pull.id), '[]') AS outcomes
    FROM pull_request pull JOIN run r ON r.id = pull.run_id JOIN task t ON t.id = r.task_id
    WHERE pull.repository_id = ${repositoryId}::uuid
      AND (pull.state IN ('merged', 'closed') OR EXISTS (SELECT FROM pull_outcome o WHERE o.pull_request_id = pull.id))
    ORDER BY coalesce(pull.merged_at, pull.closed_at), pull.number`;
  return rows.map(entryOf);
}

function entryOf(row: Row): Record<string, unknown> {
  // Runs whose change a later one replaced in the same pull request have outcomes of their own.
  const outcomes = row.outcomes.map(({ of_latest, ...outcome }) => ({ of_latest, outcome }));
  const latest = outcomes.find(({ of_latest }) => of_latest);
  return {
    task_id: row.taskKey,
    module: row.module,
    language: row.language,
    pr_number: row.number,
    url: row.url,
    branch: row.branch,
    state: row.state,
    merged_at: row.mergedAt,
    closed_at: row.closedAt,
    head_commit: row.headCommit,
    rounds: row.rounds,
    cost_usd: usdDigits(row.spentNanoUsd),
    models: row.models,
    prompt_versions: row.prompts,
    lessons_shown: row.lessons,
    outcome: latest?.outcome ?? null,
    earlier_outcomes: outcomes.filter((each) => each !== latest).map(({ outcome }) => outcome),
  };
}
