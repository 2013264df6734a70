import type { Database } from '../db/client.ts';

/** An invariant that does not hold, and where. */
export interface AuditProblem {
  /** I1 … I9 of docs/budget.md. */
  readonly invariant: string;
  /** Window, attempt, phase or budget. */
  readonly subject: string;
  readonly problem: string;
}

export interface AuditResult {
  readonly windows: number;
  readonly entries: number;
  readonly problems: readonly AuditProblem[];
}

/** What is shown of one invariant; a ledger that is broken throughout needs no list of all its rows. */
const SHOWN = 20;

/**
 * Recomputes the invariants from the entries, in one snapshot. `problems` is empty, or the ledger was changed by
 * something that is not this program.
 */
export async function audit(db: Database): Promise<AuditResult> {
  const checks = [
    ...CHECKS.map(
      ([invariant, sql]) => `(SELECT '${invariant}' AS invariant, subject, problem FROM (${sql}) found LIMIT ${SHOWN})`,
    ),
  ];
  const [problems, counts] = await db.$transaction(
    [
      db.$queryRawUnsafe<AuditProblem[]>(checks.join(' UNION ALL ')),
      db.$queryRawUnsafe<{ windows: bigint; entries: bigint }[]>(
        'SELECT (SELECT count(*) FROM budget_window) AS windows, (SELECT count(*) FROM budget_entry) AS entries',
      ),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  return { windows: Number(counts[0]?.windows ?? 0n), entries: Number(counts[0]?.entries ?? 0n), problems };
}

/**
 * Stops all spending of the budgets whose windows the problems name, until their windows end or a person lifts it.
 * Returns the number of windows that were frozen.
 */
export async function freezeAfterAudit(db: Database): Promise<number> {
  return db.$executeRaw`
    UPDATE budget_window SET frozen_at = budget_now(), frozen_reason = 'audit'
    WHERE frozen_at IS NULL AND (ends_at IS NULL OR ends_at > budget_now())`;
}

const CHECKS: readonly (readonly [invariant: string, sql: string])[] = [
  [
    'I1 committed <= limit',
    `SELECT id::text AS subject, format('%s + %s > %s', reserved_nano_usd, settled_nano_usd, limit_nano_usd) AS problem
     FROM budget_window WHERE reserved_nano_usd < 0 OR settled_nano_usd < 0 OR reserved_nano_usd + settled_nano_usd > limit_nano_usd`,
  ],
  [
    'I2 counters = entries',
    `SELECT w.id::text AS subject, format('counters %s reserved, %s settled; entries %s and %s', w.reserved_nano_usd, w.settled_nano_usd, s.reserved, s.settled) AS problem
     FROM budget_window w CROSS JOIN LATERAL (
       SELECT COALESCE(sum(CASE WHEN e.kind = 'reserve' THEN e.reserved_nano_usd ELSE -e.reserved_nano_usd END), 0) AS reserved,
              COALESCE(sum(e.charged_nano_usd), 0) AS settled
       FROM budget_entry e WHERE e.window_id = w.id
     ) s WHERE s.reserved <> w.reserved_nano_usd OR s.settled <> w.settled_nano_usd`,
  ],
  [
    'I3 one reservation, at most one ending',
    `SELECT attempt_id::text AS subject, format('part %s: %s reservations, %s endings', part, count(*) FILTER (WHERE kind = 'reserve'), count(*) FILTER (WHERE kind <> 'reserve')) AS problem
     FROM budget_entry GROUP BY attempt_id, part
     HAVING count(*) FILTER (WHERE kind = 'reserve') <> 1 OR count(*) FILTER (WHERE kind <> 'reserve') > 1
         OR max(reserved_nano_usd) <> min(reserved_nano_usd) OR max(charged_nano_usd) > max(reserved_nano_usd)`,
  ],
  [
    'I5 an ending touches the window of its reservation',
    `SELECT t.attempt_id::text AS subject, format('reserved in %s, ended in %s', r.window_id, t.window_id) AS problem
     FROM budget_entry t JOIN budget_entry r ON r.attempt_id = t.attempt_id AND r.part = t.part AND r.kind = 'reserve'
     WHERE t.kind <> 'reserve' AND t.window_id <> r.window_id`,
  ],
  [
    'I6 time does not run backwards',
    `SELECT t.attempt_id::text AS subject, format('ended at %s, reserved at %s', t.at, r.at) AS problem
     FROM budget_entry t JOIN budget_entry r ON r.attempt_id = t.attempt_id AND r.part = t.part AND r.kind = 'reserve'
     WHERE t.kind <> 'reserve' AND t.at < r.at`,
  ],
  [
    'I7 windows tile time',
    `SELECT a.id::text AS subject, format('overlaps %s', b.id) AS problem
     FROM budget_window a JOIN budget_window b ON b.budget_id = a.budget_id AND b.id <> a.id
      AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)`,
  ],
  [
    'I7 a daily window is a UTC day cut to its phase',
    `SELECT w.id::text AS subject, format('%s to %s', w.starts_at, w.ends_at) AS problem
     FROM budget_window w JOIN budget_phase p ON p.id = w.phase_id
     WHERE p.kind = 'per_utc_day' AND (
       w.ends_at IS NULL OR w.ends_at > budget_utc_day(w.starts_at) + interval '24 hours'
       OR (w.starts_at <> budget_utc_day(w.starts_at) AND w.starts_at <> p.starts_at))`,
  ],
  [
    'I7 a reservation was made within its window',
    `SELECT e.attempt_id::text AS subject, format('at %s, before the window opened at %s', e.at, w.starts_at) AS problem
     FROM budget_entry e JOIN budget_window w ON w.id = e.window_id WHERE e.kind = 'reserve' AND e.at < w.starts_at`,
  ],
  [
    'I9 an overrun freezes its window',
    `SELECT o.attempt_id::text AS subject, format('window %s was not frozen', o.window_id) AS problem
     FROM budget_overrun o WHERE NOT EXISTS (
       SELECT FROM budget_window_change c WHERE c.window_id = o.window_id AND c.frozen_at IS NOT NULL
     )`,
  ],
  [
    'I9 an answer that was not priced freezes its window',
    `SELECT e.attempt_id::text AS subject, format('window %s was not frozen', e.window_id) AS problem
     FROM budget_entry e WHERE e.detail ->> 'freeze' IS NOT NULL AND NOT EXISTS (
       SELECT FROM budget_window_change c WHERE c.window_id = e.window_id AND c.frozen_at IS NOT NULL
     )`,
  ],
  [
    'I9 nothing was spent beyond what was held',
    // Until the window ends, or a person has looked at it and thawed it: then it is history, and stays on record as such.
    `SELECT o.attempt_id::text AS subject, format('%s nano-dollars are not in the ledger', o.lost_nano_usd) AS problem
     FROM budget_overrun o JOIN budget_window w ON w.id = o.window_id
     WHERE o.lost_nano_usd > 0 AND (w.ends_at IS NULL OR w.ends_at > budget_now()) AND NOT EXISTS (
       SELECT FROM budget_window_change c WHERE c.window_id = o.window_id AND c.frozen_at IS NULL AND c.at >= o.at
     )`,
  ],
];
