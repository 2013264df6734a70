import type { Database } from '../../db/client.ts';
import { Prisma } from '../../db/generated/client.ts';
import { type BudgetFigures, budgetFigures } from './budget-figures.ts';
import { type ModelStats, modelStats } from './model-stats.ts';
import { type Comparison, type Period, readComparison } from './read-comparison.ts';
import { mergeRateOf, share } from './share.ts';
import { SHOWN_STATE } from './shown-state.ts';

export interface Stats {
  readonly tasks: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly byResult: Readonly<Record<string, number>>;
    /** Published or merged. */
    readonly completed: number;
  };
  /** All that vendors counted, whatever it cost. */
  readonly tokens: number;
  /** null: the budget has not begun. */
  readonly budget: BudgetFigures | null;
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
    readonly local: number;
    /** By what became of them: merged_as_is, merged_with_edits, closed (ours), ... */
    readonly outcomes: Readonly<Record<string, number>>;
    /** merged / (merged + closed); null while no person has decided. */
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
  /** What changes came to by module, model and version of a prompt, and over time. */
  readonly comparison: Comparison;
}

export interface StatsQuery {
  /** Only of this address. */
  readonly repository?: string | undefined;
  /** Of the comparison over time. Default day. */
  readonly period?: Period;
}

/** What became of all tasks, in one reading. */
export async function readStats(db: Database, { repository, period = 'day' }: StatsQuery = {}): Promise<Stats> {
  const ours = repository === undefined ? Prisma.sql`true` : Prisma.sql`p.url = ${repository}`;
  const [statuses, results, states, rounds, codes, times, pulls, outcomes, models, comparison, budget] =
    await Promise.all([
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
        Prisma.sql`SELECT ${SHOWN_STATE} AS key, count(*)::int AS n FROM pull_request pull JOIN repository p ON p.id = pull.repository_id WHERE ${ours} GROUP BY 1`,
      ),
      counts(
        db,
        Prisma.sql`SELECT o.result || coalesce(' (' || o.cause || ')', '') AS key, count(*)::int AS n FROM pull_outcome o
      JOIN pull_request pull ON pull.id = o.pull_request_id JOIN repository p ON p.id = pull.repository_id WHERE ${ours} GROUP BY 1`,
      ),
      modelStats(db, ours),
      readComparison(db, ours, period),
      budgetFigures(db),
    ]);
  const spent = models.reduce((sum, { spentNanoUsd }) => sum + spentNanoUsd, 0n);
  const published = (states.in_review ?? 0) + (states.merged ?? 0);
  const { merged = 0, closed = 0, open = 0, local = 0 } = pulls;
  const worked = sum(results) - (results['not started'] ?? 0);
  return {
    tasks: {
      total: sum(statuses) - (statuses.removed ?? 0),
      byStatus: statuses,
      byResult: results,
      completed: (results.in_review ?? 0) + (results.merged ?? 0),
    },
    tokens: models.reduce((total, row) => total + row.inputTokens + row.cachedTokens + row.outputTokens, 0),
    budget,
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
      outcomes,
      mergeRate: mergeRateOf(merged, closed),
    },
    money: {
      spentNanoUsd: spent,
      perTaskNanoUsd: share(spent, worked),
      perPublishedNanoUsd: share(spent, published),
      perMergedNanoUsd: share(spent, merged),
    },
    models,
    comparison,
  };
}

const runsOf = (ours: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`FROM run r JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id WHERE ${ours}`;

async function counts(db: Database, query: Prisma.Sql): Promise<Record<string, number>> {
  const rows = await db.$queryRaw<{ key: string; n: number }[]>(query);
  return Object.fromEntries(rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, n }) => [key, n]));
}

const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, each) => total + each, 0);
