import type { Database } from '@orchestrator/shared/db/client.ts';

/**
 * Whether a commit was made by a run of this task: its validator has judged it. A commit that somebody amended, or put
 * on top, has another id.
 */
export async function isOurCommit(db: Database, taskId: string, commit: string): Promise<boolean> {
  const rows = await db.$queryRaw<{ ours: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM artifact a JOIN run r ON r.id = a.run_id
      WHERE r.task_id = ${taskId}::uuid AND a.kind = 'verdict' AND a.content->>'headCommit' = ${commit}
    ) AS ours`;
  return rows[0]?.ours ?? false;
}
