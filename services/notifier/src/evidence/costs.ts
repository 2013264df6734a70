import type { Database } from '@orchestrator/shared/db/client.ts';
import type { StageCost } from './evidence.ts';

/** What a run has cost by stage and model, in the order of first use. A forfeited call counts in full, as in the ledger. */
export async function readCosts(db: Database, runId: string): Promise<StageCost[]> {
  const rows = await db.$queryRaw<
    (Omit<StageCost, 'inputTokens' | 'outputTokens'> & { inputTokens: bigint; outputTokens: bigint })[]
  >`
    SELECT coalesce(s.stage, c.role) AS stage, c.provider || '/' || c.model AS model, count(*)::int AS calls,
      coalesce(sum((c.usage->>'input')::bigint + (c.usage->>'cacheRead')::bigint + (c.usage->>'cacheWrite5m')::bigint + (c.usage->>'cacheWrite1h')::bigint), 0)::bigint AS "inputTokens",
      coalesce(sum((c.usage->>'output')::bigint), 0)::bigint AS "outputTokens",
      coalesce(sum(e.charged_nano_usd), 0)::bigint AS "costNanoUsd"
    FROM model_call c
    LEFT JOIN stage_run s ON s.id = c.stage_run_id
    LEFT JOIN budget_entry e ON e.attempt_id = c.id AND e.part = 0 AND e.kind <> 'reserve'
    WHERE c.run_id = ${runId}::uuid
    GROUP BY 1, 2 ORDER BY min(c.created_at)`;
  return rows.map((row) => ({ ...row, inputTokens: Number(row.inputTokens), outputTokens: Number(row.outputTokens) }));
}
