import type { Database } from '../../db/client.ts';
import type { Prisma } from '../../db/generated/client.ts';

export interface ModelStats {
  readonly model: string;
  readonly role: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly spentNanoUsd: bigint;
}

/** What each model was asked and cost, the dearest first. `ours`: a condition on the repository `p`. */
export async function modelStats(db: Database, ours: Prisma.Sql): Promise<ModelStats[]> {
  return db.$queryRaw<ModelStats[]>`
    SELECT call.provider || '/' || call.model AS model, call.role, count(*)::int AS calls,
      coalesce(sum((call.usage->>'input')::bigint + coalesce((call.usage->>'cacheWrite5m')::bigint, 0) + coalesce((call.usage->>'cacheWrite1h')::bigint, 0)), 0)::float AS "inputTokens",
      coalesce(sum((call.usage->>'cacheRead')::bigint), 0)::float AS "cachedTokens",
      coalesce(sum((call.usage->>'output')::bigint), 0)::float AS "outputTokens",
      coalesce(sum(ending.charged_nano_usd), 0)::bigint AS "spentNanoUsd"
    FROM model_call call
    JOIN run r ON r.id = call.run_id JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
    LEFT JOIN budget_entry ending ON ending.attempt_id = call.id AND ending.part = 0 AND ending.kind <> 'reserve'
    WHERE ${ours} GROUP BY 1, 2 ORDER BY "spentNanoUsd" DESC, 1`;
}
