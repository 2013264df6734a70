import type { Database } from '@orchestrator/shared/db/client.ts';
import type { PullRecord } from '../world/vendor-records.ts';
import type { Violation } from './violation.ts';

/**
 * Compares the pull requests that the platform has with the runs: one, and one only, for each task that was published
 * there, open and at our commit, and none for any other.
 */
export async function pullViolations(db: Database, pulls: readonly PullRecord[]): Promise<Violation[]> {
  const ours = await db.$queryRaw<{ task: string; branch: string; head: string; number: number }[]>`
    SELECT t.key AS task, p.branch, p.head_commit AS head, p.number FROM run r JOIN task t ON t.id = r.task_id
    JOIN pull_request p ON p.run_id = r.id WHERE r.state = 'in_review' AND p.number IS NOT NULL`;
  const violations: Violation[] = [];
  const say = (counts: Violation['counts'], subject: string, problem: string) =>
    void violations.push({ counts, subject, problem });
  const byBranch = Map.groupBy(pulls, (pull) => pull.branch);
  for (const { task, branch, head, number } of ours) {
    const found = byBranch.get(branch) ?? [];
    byBranch.delete(branch);
    const [pull] = found;
    if (pull === undefined) say('lost', task, `the platform has no pull request for ${branch}`);
    else if (found.length > 1) say('duplicateEffects', task, `${found.length} pull requests for ${branch}`);
    else if (pull.number !== number || pull.headSha !== head || pull.state !== 'open')
      say(
        'other',
        task,
        `pull request ${pull.number} is ${pull.state} at ${pull.headSha}; we say ${number} at ${head}`,
      );
  }
  for (const branch of byBranch.keys())
    say('duplicateEffects', branch, 'there is a pull request, and no run was published so');
  return violations;
}
