import type { Transaction } from '@orchestrator/shared/db/client.ts';
import type { RepositoryRef } from '../repository.ts';
import type { ParsedTask, ParsedTaskFile } from '../task-file/parsed-task.ts';
import { cancelOutdatedRuns } from './cancel-outdated.ts';

/** Numbers of tasks. */
export interface MirroredTasks {
  readonly added: number;
  readonly revised: number;
  readonly removed: number;
  /** Were removed earlier, and are in the file again. */
  readonly restored: number;
  /** Runs that were asked to stop. */
  readonly cancelled: number;
}

export interface TaskFileAt {
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly commit: string;
  readonly file: string;
  readonly parsed: ParsedTaskFile;
}

/** Rows in one statement: large enough to be quick, small enough for the limit of a value. */
const ROWS_PER_STATEMENT = 1_000;

/** Makes the rows of a repository's tasks equal to the file. One at a time for each repository. */
export async function mirrorTasks(
  tx: Transaction,
  { repository, branch, commit, file, parsed }: TaskFileAt,
): Promise<MirroredTasks> {
  await tx.$queryRaw`SELECT id FROM repository WHERE id = ${repository.id}::uuid FOR UPDATE`;
  await tx.repository.update({ where: { id: repository.id }, data: { headCommit: commit, defaultBranch: branch } });
  const counts = { added: 0, revised: 0, restored: 0 };
  for (let at = 0; at < parsed.tasks.length; at += ROWS_PER_STATEMENT) {
    const rows = await upsertTasks(tx, repository.id, file, parsed.tasks.slice(at, at + ROWS_PER_STATEMENT));
    for (const { change } of rows) counts[change] += 1;
  }
  await blockMistakes(tx, repository.id, parsed);
  const removed = parsed.complete ? await removeAbsent(tx, repository.id, parsed.keys) : 0;
  const cancelled = await cancelOutdatedRuns(tx, repository.id);
  return { ...counts, removed, cancelled };
}

/**
 * Writes what changed, and tells how. A task that comes back as it was gets another run where its last one was stopped
 * because it had been removed.
 */
async function upsertTasks(
  tx: Transaction,
  repositoryId: string,
  file: string,
  tasks: readonly ParsedTask[],
): Promise<{ change: 'added' | 'revised' | 'restored' }[]> {
  const rows = tasks.map((task) => ({ ...task, budgetNanoUsd: task.budgetNanoUsd?.toString() ?? null }));
  return tx.$queryRaw`
    WITH incoming AS MATERIALIZED (
      SELECT x.*, ARRAY(SELECT jsonb_array_elements_text(x."dependsOn")) AS depends_on,
             ARRAY(SELECT jsonb_array_elements_text(x.criteria)) AS criteria_list,
             ARRAY(SELECT jsonb_array_elements_text(x.documents)) AS document_list
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x (
        key text, title text, body text, priority text, module text, language text, "dependsOn" jsonb, criteria jsonb,
        documents jsonb, "budgetNanoUsd" bigint, status text, "textHash" text, line int, position int)
    ),
    before AS MATERIALIZED (
      SELECT t.id, t.key, t.text_hash, t.status FROM task t JOIN incoming USING (key) WHERE t.repository_id = ${repositoryId}::uuid
    ),
    written AS (
      INSERT INTO task AS t (id, repository_id, key, title, body, priority, module, language, depends_on, criteria, documents,
        budget_nano_usd, status, text_hash, line, position, file, updated_at)
      SELECT gen_random_uuid(), ${repositoryId}::uuid, key, title, body, priority, module, language, depends_on, criteria_list,
        document_list, "budgetNanoUsd", status, "textHash", line, position, ${file}, now()
      FROM incoming
      ON CONFLICT (repository_id, key) DO UPDATE SET
        title = excluded.title, body = excluded.body, priority = excluded.priority, module = excluded.module,
        language = excluded.language, depends_on = excluded.depends_on, criteria = excluded.criteria,
        documents = excluded.documents, budget_nano_usd = excluded.budget_nano_usd, status = excluded.status,
        text_hash = excluded.text_hash, line = excluded.line, position = excluded.position, file = excluded.file,
        updated_at = now(), mistaken = false,
        revision = t.revision + CASE WHEN t.text_hash = excluded.text_hash THEN 0 ELSE 1 END,
        retry_requested_at = CASE
          WHEN t.text_hash <> excluded.text_hash THEN NULL
          WHEN t.status IN ('removed', 'done') AND excluded.status NOT IN ('removed', 'done') AND EXISTS (
            SELECT FROM run r WHERE r.task_id = t.id AND r.task_revision = t.revision
              AND r.cancel_requested_at IS NOT NULL AND r.state NOT IN ('in_review', 'merged')
              AND NOT EXISTS (SELECT FROM run n WHERE n.task_id = t.id AND n.task_revision = t.revision AND n.number > r.number)
          ) THEN now()
          ELSE t.retry_requested_at END
      WHERE t.mistaken OR (t.title, t.body, t.priority, t.module, t.language, t.depends_on, t.criteria, t.documents, t.budget_nano_usd,
             t.status, t.text_hash, t.line, t.position, t.file)
        IS DISTINCT FROM (excluded.title, excluded.body, excluded.priority, excluded.module, excluded.language,
             excluded.depends_on, excluded.criteria, excluded.documents, excluded.budget_nano_usd, excluded.status,
             excluded.text_hash, excluded.line, excluded.position, excluded.file)
    )
    SELECT CASE WHEN before.id IS NULL THEN 'added' WHEN before.text_hash <> incoming."textHash" THEN 'revised'
                ELSE 'restored' END AS change
    FROM incoming LEFT JOIN before USING (key)
    WHERE before.id IS NULL OR before.text_hash <> incoming."textHash" OR before.status = 'removed'`;
}

/** A task that is in the file with a mistake must not start as it was before; what runs goes on. */
async function blockMistakes(tx: Transaction, repositoryId: string, { keys, tasks }: ParsedTaskFile): Promise<void> {
  const fine = new Set(tasks.map(({ key }) => key));
  const mistaken = keys.filter((key) => !fine.has(key));
  if (mistaken.length === 0) return;
  await tx.$executeRaw`
    UPDATE task SET status = 'blocked', mistaken = true, updated_at = now()
    WHERE repository_id = ${repositoryId}::uuid AND key = ANY (${mistaken}::text[]) AND NOT (status = 'blocked' AND mistaken)`;
}

const removeAbsent = (tx: Transaction, repositoryId: string, keys: readonly string[]): Promise<number> =>
  tx.$executeRaw`
    UPDATE task SET status = 'removed', retry_requested_at = NULL, updated_at = now()
    WHERE repository_id = ${repositoryId}::uuid AND status <> 'removed' AND NOT (key = ANY (${[...keys]}::text[]))`;
