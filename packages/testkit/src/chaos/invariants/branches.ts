import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Violation } from './violation.ts';

/**
 * Compares the branches of the target repository, by its own log of their updates, with the runs: one update for each
 * published run, to the commit that we say, and nothing for any other.
 */
export async function branchViolations(
  db: Database,
  updates: ReadonlyMap<string, readonly string[]>,
): Promise<Violation[]> {
  const published = await db.$queryRaw<{ task: string; head: string | null }[]>`
    SELECT t.key AS task, p.head_commit AS head FROM run r JOIN task t ON t.id = r.task_id
    LEFT JOIN pull_request p ON p.run_id = r.id WHERE r.state = 'in_review'`;
  const violations: Violation[] = [];
  const say = (counts: Violation['counts'], subject: string, problem: string) =>
    void violations.push({ counts, subject, problem });
  for (const { task, head } of published) {
    const seen = updates.get(task) ?? [];
    if (seen.length === 0) say('lost', task, 'it is published, and there is no branch');
    if (seen.length > 1) say('duplicateEffects', task, `the branch was pushed ${seen.length} times`);
    if (head === null || (seen.length > 0 && seen.at(-1) !== head))
      say('other', task, `the branch is at ${seen.at(-1)}, our record says ${head}`);
  }
  const known = new Set(published.map(({ task }) => task));
  for (const task of updates.keys())
    if (!known.has(task)) say('duplicateEffects', task, 'there is a branch, and the run is not published');
  return violations;
}
