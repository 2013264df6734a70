import type { Database } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import type { RunState, Stage } from '../pipeline/machine.ts';

/** A run as people see it. Amounts come from the ledger. */
export interface RunView {
  readonly run: string;
  readonly task: string;
  readonly title: string;
  readonly repository: string;
  readonly state: RunState;
  /** Rounds of coder and validator so far. */
  readonly round: number;
  /** What is worked on or waited with; null once the run is settled. */
  readonly stage: Stage | null;
  readonly stageState: 'pending' | 'running' | null;
  readonly waiting: Waiting | null;
  readonly spentNanoUsd: bigint;
  /** Held for calls in flight. */
  readonly heldNanoUsd: bigint;
  readonly tokens: number;
  readonly branch: string | null;
  /** Where the change is: a pull request, or a patch file. */
  readonly url: string | null;
  readonly patch: string | null;
  /** Why it ended without a change. */
  readonly endCode: string | null;
  readonly endMessage: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** What a pending stage waits for. */
export interface Waiting {
  /** budget, rate_limit, paused, retry; sandbox and configuration: for a person. */
  readonly reason: string;
  readonly until: Date;
  /** The error that made it wait, if one did. */
  readonly code: string | null;
  readonly message: string | null;
  readonly next: string | null;
}

export interface RunFilter {
  /** Address of a repository, as stored. */
  readonly repository?: string;
  readonly task?: string;
  readonly run?: string;
  readonly state?: RunState;
  /** Runs that are worked on, and those that were created or ended since then. */
  readonly activeSince?: Date;
  readonly limit?: number;
}

interface Row extends Omit<RunView, 'waiting' | 'tokens'> {
  readonly waitingReason: string | null;
  readonly waitingUntil: Date | null;
  readonly waitingDetail: { code?: string; message?: string; next?: string } | null;
  readonly tokens: bigint;
}

/** The newest first. One query, however many runs. */
export async function readRuns(db: Database, { limit = 500, ...wanted }: RunFilter = {}): Promise<RunView[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT r.id AS run, t.key AS task, t.title, p.url AS repository, r.state, r.round, r.branch,
      r.end_code AS "endCode", r.end_message AS "endMessage", r.created_at AS "createdAt", r.ended_at AS "endedAt",
      s.stage, s.state AS "stageState", pull.url, pull.patch_path AS patch,
      CASE WHEN s.state = 'pending' AND s.available_at > now() THEN coalesce(s.parked_reason, 'retry') END AS "waitingReason",
      CASE WHEN s.state = 'pending' AND s.available_at > now() THEN s.available_at END AS "waitingUntil",
      CASE WHEN s.parked_reason = 'retry' THEN s.last_error ELSE s.parked_detail END AS "waitingDetail",
      money.spent AS "spentNanoUsd", money.held AS "heldNanoUsd", money.tokens
    FROM run r
    JOIN task t ON t.id = r.task_id
    JOIN repository p ON p.id = t.repository_id
    LEFT JOIN LATERAL (
      SELECT stage, state, available_at, parked_reason, parked_detail, last_error FROM stage_run
      WHERE run_id = r.id AND state IN ('pending', 'running') ORDER BY created_at DESC LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (SELECT url, patch_path FROM pull_request WHERE run_id = r.id ORDER BY updated_at DESC LIMIT 1) pull ON true
    CROSS JOIN LATERAL (${MONEY_OF_RUN}) money
    WHERE ${filter(wanted)}
    ORDER BY r.created_at DESC, r.id
    LIMIT ${limit}`;
  return rows.map(({ waitingReason, waitingUntil, waitingDetail, tokens, ...row }) => {
    const { code = null, message = null, next = null } = waitingDetail ?? {};
    const waits = waitingReason !== null && waitingUntil !== null;
    return {
      ...row,
      tokens: Number(tokens),
      waiting: waits ? { reason: waitingReason, until: waitingUntil, code, message, next } : null,
    };
  });
}

/** Part 0 of an attempt is there whatever budgets it counts against, so each attempt is counted once. */
const MONEY_OF_RUN = Prisma.sql`
  SELECT coalesce(sum(ending.charged_nano_usd), 0)::bigint AS spent,
    coalesce(sum(hold.reserved_nano_usd) FILTER (WHERE ending.id IS NULL), 0)::bigint AS held,
    coalesce(sum((SELECT sum(value::bigint) FROM jsonb_each_text(call.usage) WHERE key <> 'reasoning')), 0)::bigint AS tokens
  FROM model_call call
  LEFT JOIN budget_entry hold ON hold.attempt_id = call.id AND hold.part = 0 AND hold.kind = 'reserve'
  LEFT JOIN budget_entry ending ON ending.attempt_id = call.id AND ending.part = 0 AND ending.kind <> 'reserve'
  WHERE call.run_id = r.id`;

function filter({ repository, task, run, state, activeSince }: RunFilter): Prisma.Sql {
  const conditions = [
    repository === undefined ? Prisma.sql`true` : Prisma.sql`p.url = ${repository}`,
    task === undefined ? Prisma.sql`true` : Prisma.sql`t.key = ${task}`,
    run === undefined ? Prisma.sql`true` : Prisma.sql`r.id = ${run}::uuid`,
    state === undefined ? Prisma.sql`true` : Prisma.sql`r.state = ${state}`,
    activeSince === undefined
      ? Prisma.sql`true`
      : Prisma.sql`(s.stage IS NOT NULL OR r.created_at >= ${activeSince} OR r.ended_at >= ${activeSince})`,
  ];
  return Prisma.join(conditions, ' AND ');
}
