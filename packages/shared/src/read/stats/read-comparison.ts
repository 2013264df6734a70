import { CHARGED_TO_RUN } from '../../budget/charged-sql.ts';
import type { Database } from '../../db/client.ts';
import { Prisma } from '../../db/generated/client.ts';
import { mergeRateOf, share } from './share.ts';
import { SHOWN_STATE } from './shown-state.ts';

export type Period = 'day' | 'week';

/** What runs came to, counted by the day or week in which each began, so that cost and result are of the same runs. */
export interface Figures {
  readonly runs: number;
  readonly published: number;
  readonly merged: number;
  readonly closed: number;
  /** merged / (merged + closed); null while no person has decided. */
  readonly mergeRate: number | null;
  /** Mean over the published changes. */
  readonly rounds: number | null;
  /** All that the runs cost, whatever they came to. */
  readonly spentNanoUsd: bigint;
  /** That, divided by what was merged. */
  readonly perMergedNanoUsd: bigint | null;
}

export interface Group extends Figures {
  /** '' where there is none: a task without a module, a call that named no version. */
  readonly key: string;
  /** As many as there are periods. */
  readonly over: readonly Figures[];
}

export interface Comparison {
  readonly period: Period;
  /** The first UTC day of each, in order, without gaps; the latest 30 days or 26 weeks at the most. */
  readonly periods: readonly string[];
  readonly all: Group;
  readonly modules: readonly Group[];
  /** By role and model. A run counts for each model that it asked. */
  readonly models: readonly Group[];
  readonly prompts: readonly Group[];
}

interface Row {
  readonly dimension: 'all' | 'modules' | 'models' | 'prompts';
  readonly key: string;
  readonly begins: string;
  readonly runs: number;
  readonly published: number;
  readonly merged: number;
  readonly closed: number;
  readonly rounds: number;
  readonly spentNanoUsd: bigint;
}

const DAY_MS = 86_400_000;
const LENGTH_MS: Readonly<Record<Period, number>> = { day: DAY_MS, week: 7 * DAY_MS };
const MOST: Readonly<Record<Period, number>> = { day: 30, week: 26 };

/** `ours`: a condition on the repository `p`. Costs come from the ledger. */
export async function readComparison(db: Database, ours: Prisma.Sql, period: Period): Promise<Comparison> {
  const [rows, [clock]] = await Promise.all([
    db.$queryRaw<Row[]>(query(ours, period)),
    db.$queryRaw<
      { begins: string }[]
    >`SELECT to_char(date_trunc(${period}, now() AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS begins`,
  ]);
  const periods = periodsTo(clock?.begins ?? '', rows.map(({ begins }) => begins).sort()[0], period);
  const groups = (dimension: Row['dimension']): Group[] => {
    const keys = [...new Set(rows.filter((row) => row.dimension === dimension).map(({ key }) => key))];
    return keys
      .map((key) =>
        group(
          key,
          rows.filter((row) => row.dimension === dimension && row.key === key),
          periods,
        ),
      )
      .sort((a, b) => b.runs - a.runs || (a.key < b.key ? -1 : 1));
  };
  return {
    period,
    periods,
    all: groups('all')[0] ?? group('', [], periods),
    modules: groups('modules'),
    models: groups('models'),
    prompts: groups('prompts'),
  };
}

const query = (ours: Prisma.Sql, period: Period): Prisma.Sql => Prisma.sql`
  WITH facts AS (
    SELECT r.id, to_char(date_trunc(${period}, r.created_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS begins, r.round,
      coalesce(t.module, '') AS module, coalesce(pull.state, '') AS pull, ${CHARGED_TO_RUN} AS spent
    FROM run r JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
    LEFT JOIN LATERAL (SELECT ${SHOWN_STATE} AS state FROM pull_request pull WHERE run_id = r.id ORDER BY updated_at DESC LIMIT 1) pull ON true
    WHERE ${ours}
  ), asked AS (
    SELECT DISTINCT call.run_id AS id, call.role || ' ' || call.provider || '/' || call.model AS model, coalesce(call.prompt_version, '') AS prompt
    FROM model_call call JOIN facts ON facts.id = call.run_id WHERE call.state <> 'released'
  ), keys AS (
    SELECT id, 'all' AS dimension, '' AS key FROM facts
    UNION SELECT id, 'modules', module FROM facts
    UNION SELECT id, 'models', model FROM asked
    UNION SELECT id, 'prompts', prompt FROM asked
  )
  SELECT dimension, key, begins, count(*)::int AS runs, count(*) FILTER (WHERE pull <> '')::int AS published,
    count(*) FILTER (WHERE pull = 'merged')::int AS merged, count(*) FILTER (WHERE pull = 'closed')::int AS closed,
    coalesce(sum(round) FILTER (WHERE pull <> ''), 0)::int AS rounds, sum(spent)::bigint AS "spentNanoUsd"
  FROM keys JOIN facts USING (id) GROUP BY 1, 2, 3`;

/** From the first run on, but no more than are shown. */
function periodsTo(last: string, first: string | undefined, period: Period): string[] {
  const at = Date.parse(last);
  if (first === undefined || Number.isNaN(at)) return [];
  const count = Math.round((at - Date.parse(first)) / LENGTH_MS[period]) + 1;
  const shown = Math.max(1, Math.min(MOST[period], count));
  return Array.from({ length: shown }, (_, i) =>
    new Date(at - (shown - 1 - i) * LENGTH_MS[period]).toISOString().slice(0, 10),
  );
}

function group(key: string, rows: readonly Row[], periods: readonly string[]): Group {
  return { key, ...figures(rows), over: periods.map((begins) => figures(rows.filter((row) => row.begins === begins))) };
}

function figures(rows: readonly Row[]): Figures {
  const total = (of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const [published, merged, closed] = [
    total((row) => row.published),
    total((row) => row.merged),
    total((row) => row.closed),
  ];
  const spentNanoUsd = rows.reduce((sum, row) => sum + row.spentNanoUsd, 0n);
  return {
    runs: total((row) => row.runs),
    published,
    merged,
    closed,
    mergeRate: mergeRateOf(merged, closed),
    rounds: published === 0 ? null : total((row) => row.rounds) / published,
    spentNanoUsd,
    perMergedNanoUsd: share(spentNanoUsd, merged),
  };
}
