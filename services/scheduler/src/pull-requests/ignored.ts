import type { Database } from '@orchestrator/shared/db/client.ts';

/**
 * Open pull requests that no person has reacted to for so long count as ignored, until somebody does: the outcome is
 * taken back then, and replaced where one is merged or closed. It teaches nothing. Returns how many became ignored.
 */
export async function noteIgnored(db: Database, repositoryId: string, days: number): Promise<number> {
  await db.$executeRaw`
    DELETE FROM pull_outcome o USING pull_request p
    WHERE o.pull_request_id = p.id AND o.result = 'ignored' AND p.repository_id = ${repositoryId}::uuid AND p.state = 'open'
      AND greatest(p.offered_at, p.reacted_at) >= now() - ${days} * interval '1 day'`;
  return db.$executeRaw`
    INSERT INTO pull_outcome (pull_request_id, number, run_id, result, cause)
    SELECT p.id, p.number, p.run_id, 'ignored', 'silent' FROM pull_request p JOIN run r ON r.id = p.run_id
    WHERE p.repository_id = ${repositoryId}::uuid AND p.state = 'open' AND p.number IS NOT NULL AND r.state = 'in_review'
      AND greatest(p.offered_at, p.reacted_at) < now() - ${days} * interval '1 day'
    ON CONFLICT DO NOTHING`;
}
