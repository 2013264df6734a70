import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';

export interface Stats {
  readonly tasks: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly byResult: Readonly<Record<string, number>>;
  };
  readonly runs: {
    readonly total: number;
    readonly byState: Readonly<Record<string, number>>;
    /** Runs by the number of rounds that they took; of those that were published. */
    readonly publishedByRounds: Readonly<Record<string, number>>;
    /** Error codes of runs that ended without a change. */
    readonly endCodes: Readonly<Record<string, number>>;
    /** Of runs that were published: from the start to the publication. */
    readonly medianMs: number | null;
  };
  readonly pullRequests: {
    readonly total: number;
    readonly merged: number;
    readonly closed: number;
    readonly open: number;
    readonly local: number /** merged / (merged + closed); null while no person has decided. */;
    readonly mergeRate: number | null;
  };
  readonly money: {
    readonly spentNanoUsd: bigint;
    /** All that was spent, divided by the tasks that had a run; null where none had. */
    readonly perTaskNanoUsd: bigint | null;
    /** All that was spent, divided by the published changes. */
    readonly perPublishedNanoUsd: bigint | null;
    readonly perMergedNanoUsd: bigint | null;
  };
  readonly models: readonly ModelStats[];
}

export interface ModelStats {
  readonly model: string;
  readonly role: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly spentNanoUsd: bigint;
}

/** What became of all tasks, in one reading. `repository`: only of this address. */
export async function readStats(db: Database, repository?: string): Promise<Stats> {
  const ours = repository === undefined ? Prisma.sql`true` : Prisma.sql`p.url = ${repository}`;
  const [statuses, results, states, rounds, codes, times, pulls, models] = await Promise.all([
    counts(
      db,
      Prisma.sql`SELECT t.status AS key, count(*)::int AS n FROM task t JOIN repository p ON p.id = t.repository_id WHERE ${ours} GROUP BY 1`,
    ),
    counts(
      db,
      Prisma.sql`SELECT coalesce(latest.state, 'not started') AS key, count(*)::int AS n FROM task t JOIN repository p ON p.id = t.repository_id
      LEFT JOIN LATERAL (SELECT state FROM run WHERE task_id = t.id ORDER BY task_revision DESC, number DESC LIMIT 1) latest ON true
      WHERE ${ours} AND t.status <> 'removed' GROUP BY 1`,
    ),
    counts(db, Prisma.sql`SELECT r.state AS key, count(*)::int AS n ${runsOf(ours)} GROUP BY 1`),
    counts(
      db,
      Prisma.sql`SELECT r.round::text AS key, count(*)::int AS n ${runsOf(ours)} AND r.state IN ('in_review', 'merged') GROUP BY 1`,
    ),
    counts(
      db,
      Prisma.sql`SELECT r.end_code AS key, count(*)::int AS n ${runsOf(ours)} AND r.end_code IS NOT NULL GROUP BY 1`,
    ),
    db.$queryRaw<
      { median: number | null }[]
    >`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.ended_at - r.created_at) * 1000)::float AS median ${runsOf(ours)} AND r.state IN ('in_review', 'merged')`,
    counts(
      db,
      Prisma.sql`SELECT pull.state AS key, count(*)::int AS n FROM pull_request pull JOIN repository p ON p.id = pull.repository_id WHERE ${ours} GROUP BY 1`,
    ),
    modelStats(db, ours),
  ]);
  const spent = models.reduce((sum, { spentNanoUsd }) => sum + spentNanoUsd, 0n);
  const published = (states.in_review ?? 0) + (states.merged ?? 0);
  const { merged = 0, closed = 0, open = 0, local = 0 } = pulls;
  const worked = sum(results) - (results['not started'] ?? 0);
  return {
    tasks: { total: sum(statuses) - (statuses.removed ?? 0), byStatus: statuses, byResult: results },
    runs: {
      total: sum(states),
      byState: states,
      publishedByRounds: rounds,
      endCodes: codes,
      medianMs: times[0]?.median ?? null,
    },
    pullRequests: {
      total: sum(pulls),
      merged,
      closed,
      open,
      local,
      mergeRate: merged + closed === 0 ? null : merged / (merged + closed),
    },
    money: {
      spentNanoUsd: spent,
      perTaskNanoUsd: share(spent, worked),
      perPublishedNanoUsd: share(spent, published),
      perMergedNanoUsd: share(spent, merged),
    },
    models,
  };
}

const runsOf = (ours: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`FROM run r JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id WHERE ${ours}`;

async function counts(db: Database, query: Prisma.Sql): Promise<Record<string, number>> {
  const rows = await db.$queryRaw<{ key: string; n: number }[]>(query);
  return Object.fromEntries(rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, n }) => [key, n]));
}

async function modelStats(db: Database, ours: Prisma.Sql): Promise<ModelStats[]> {
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

const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, each) => total + each, 0);

/** Rounded up, as amounts are. */
const share = (amount: bigint, parts: number): bigint | null =>
  parts === 0 ? null : (amount + BigInt(parts) - 1n) / BigInt(parts);
