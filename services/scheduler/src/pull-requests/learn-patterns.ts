import type { Database } from '@orchestrator/shared/db/client.ts';
import { learn } from '@orchestrator/shared/lessons/learn.ts';

/** Runs in which a finding has to come back before it is a lesson. */
const REPEATED = 3;
/** Merged changes of which most have to agree before it is a pattern. */
const MERGED = 5;
const MOST = 0.8;

/**
 * Lessons that no single change teaches: findings of the validator that come back in several runs, and what merged changes
 * of a language have in common. Counted over the last 60 days; learning them again does nothing until more speaks for them.
 */
export async function learnPatterns(db: Database, repositoryId: string, halfLifeDays: number): Promise<number> {
  const findings = await db.$queryRaw<
    { check: string; code: string; runs: number; message: string; language: string | null }[]
  >`
    SELECT f->>'check' AS "check", f->>'code' AS code, count(DISTINCT a.run_id)::int AS runs,
      (array_agg(f->>'message' ORDER BY a.created_at DESC))[1] AS message, max(t.language) AS language
    FROM artifact a JOIN run r ON r.id = a.run_id JOIN task t ON t.id = r.task_id,
      jsonb_array_elements(a.content->'findings') f
    WHERE t.repository_id = ${repositoryId}::uuid AND a.kind = 'verdict' AND a.created_at > now() - interval '60 days'
      AND f->>'severity' = 'error' AND f->>'check' NOT IN ('build', 'test', 'apply')
    GROUP BY 1, 2 HAVING count(DISTINCT a.run_id) >= ${REPEATED} ORDER BY 3 DESC, 1, 2 LIMIT 20`;
  const merged = await db.$queryRaw<
    { language: string | null; merged: number; tests: number; folder: string | null }[]
  >`
    WITH changed AS (
      SELECT t.language, p.run_id, f.value->>'path' AS path
      FROM pull_request p JOIN run r ON r.id = p.run_id JOIN task t ON t.id = r.task_id
        JOIN artifact a ON a.run_id = r.id AND a.kind = 'change_set' AND a.round = r.round,
        jsonb_array_elements(a.content->'files') f(value)
      WHERE t.repository_id = ${repositoryId}::uuid AND p.state = 'merged' AND p.merged_at > now() - interval '60 days'
    ), tested AS (
      SELECT language, run_id, bool_or(path ~* '(^|/)(tests?|spec|__tests__)/|[._-](test|spec)\\.') AS has,
        min(regexp_replace(path, '/[^/]*$', '')) FILTER (WHERE path ~* '(^|/)(tests?|spec|__tests__)/') AS folder
      FROM changed GROUP BY 1, 2
    )
    SELECT language, count(*)::int AS merged, count(*) FILTER (WHERE has)::int AS tests, mode() WITHIN GROUP (ORDER BY folder) AS folder
    FROM tested GROUP BY 1 HAVING count(*) >= ${MERGED}`;
  const at = new Date().toISOString();
  await db.$transaction(async (tx) => {
    for (const { check, code, runs, message, language } of findings) {
      const lesson = {
        repositoryId,
        source: 'finding' as const,
        sameAs: `${check} ${code}`,
        scope: { ...(language ? { language } : {}), paths: [] },
      };
      const text = `Changes here often fail the check ${check} (${code}): ${message.slice(0, 300)}`;
      await learn(tx, { ...lesson, text, evidence: { what: `${runs} runs`, at } }, halfLifeDays);
    }
    for (const { language, merged: changes, tests, folder } of merged) {
      if (tests < changes * MOST) continue;
      const text = `Changes that people merge here come with tests${folder === null ? '' : `, usually in ${folder}`} (${tests} of ${changes}).`;
      const scope = { ...(language ? { language } : {}), paths: [] };
      const lesson = { repositoryId, source: 'pattern' as const, sameAs: `tests ${language ?? ''}`, text, scope };
      await learn(tx, { ...lesson, evidence: { what: `${tests} of ${changes} merged changes`, at } }, halfLifeDays);
    }
  });
  return findings.length + merged.length;
}
