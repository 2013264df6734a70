import type { Database } from '@orchestrator/shared/db/client.ts';
import { learn, type NewLesson } from '@orchestrator/shared/lessons/learn.ts';
import { type MergedChange, patternsOf } from './merged-patterns.ts';

/** What is looked at; what nothing in it speaks for any more is not shown any more. */
const DAYS = 60;
/** Runs in which a finding has to come back before it is a lesson. */
const REPEATED = 3;

/**
 * Lessons that no single change teaches: findings of the validator that come back in several runs, and what merged changes
 * of a module or language have in common. Learning them again does nothing until more speaks for them.
 */
export async function learnPatterns(db: Database, repositoryId: string, halfLifeDays: number): Promise<number> {
  const [findings, changes] = await Promise.all([repeatedFindings(db, repositoryId), mergedChanges(db, repositoryId)]);
  const lessons = [...findings.map(findingLesson), ...patternsOf(changes).map(patternLesson)];
  if (lessons.length === 0) return 0;
  await db.$transaction(async (tx) => {
    for (const lesson of lessons)
      await learn(tx, { ...lesson, repositoryId, expiresInDays: DAYS } satisfies NewLesson, halfLifeDays);
  });
  return lessons.length;
}

type Learned = Omit<NewLesson, 'repositoryId' | 'expiresInDays'>;

interface Finding {
  readonly check: string;
  readonly code: string;
  readonly runs: number;
  readonly message: string;
  readonly module: string | null;
  readonly language: string | null;
}

/** Failing builds and tests say what is wrong with one change; the other checks say what is wrong with habits. */
function repeatedFindings(db: Database, repositoryId: string): Promise<Finding[]> {
  return db.$queryRaw<Finding[]>`
    SELECT f->>'check' AS "check", f->>'code' AS code, count(DISTINCT a.run_id)::int AS runs,
      (array_agg(f->>'message' ORDER BY a.created_at DESC))[1] AS message,
      CASE WHEN count(DISTINCT coalesce(t.module, '')) = 1 THEN max(t.module) END AS module,
      CASE WHEN count(DISTINCT coalesce(t.language, '')) = 1 THEN max(t.language) END AS language
    FROM artifact a JOIN run r ON r.id = a.run_id JOIN task t ON t.id = r.task_id,
      jsonb_array_elements(a.content->'findings') f
    WHERE t.repository_id = ${repositoryId}::uuid AND a.kind = 'verdict' AND a.created_at > now() - ${DAYS} * interval '1 day'
      AND f->>'severity' = 'error' AND f->>'check' NOT IN ('build', 'test', 'apply')
    GROUP BY 1, 2 HAVING count(DISTINCT a.run_id) >= ${REPEATED} ORDER BY 3 DESC, 1, 2 LIMIT 20`;
}

const findingLesson = ({ check, code, runs, message, module, language }: Finding): Learned => ({
  source: 'finding',
  sameAs: `${check} ${code}`,
  text: `Changes here often fail the check ${check} (${code}): ${message.slice(0, 300)}`,
  scope: scopeOf(module, language),
  evidence: { what: `${runs} runs`, at: new Date().toISOString() },
});

function mergedChanges(db: Database, repositoryId: string): Promise<MergedChange[]> {
  return db.$queryRaw<MergedChange[]>`
    SELECT t.module, t.language, array_agg(DISTINCT f.value->>'path') AS paths
    FROM pull_request p JOIN run r ON r.id = p.run_id JOIN task t ON t.id = r.task_id
      JOIN artifact a ON a.run_id = r.id AND a.kind = 'change_set' AND a.round = r.round,
      jsonb_array_elements(a.content->'files') f(value)
    WHERE t.repository_id = ${repositoryId}::uuid AND p.state = 'merged' AND p.merged_at > now() - ${DAYS} * interval '1 day'
    GROUP BY p.id, t.module, t.language ORDER BY p.id`;
}

const patternLesson = ({
  sameAs,
  text,
  module,
  language,
  evidence,
}: ReturnType<typeof patternsOf>[number]): Learned => ({
  source: 'pattern',
  sameAs: `${sameAs} ${module ?? ''} ${language ?? ''}`,
  text,
  scope: scopeOf(module, language),
  evidence: { what: evidence, at: new Date().toISOString() },
});

const scopeOf = (module: string | null, language: string | null) => ({
  ...(module === null ? {} : { module }),
  ...(language === null ? {} : { language }),
  paths: [],
});
