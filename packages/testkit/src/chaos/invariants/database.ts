import type { Database } from '@orchestrator/shared/db/client.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import type { Violation } from './violation.ts';

/** A task that was asked for, and the state in which its run has to end. */
export interface Expected {
  readonly task: string;
  readonly end: string;
}

/** What does not hold of the rows, once everything should have come to its end. */
export async function databaseViolations(db: Database, expected: readonly Expected[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const [counts, sql] of CHECKS) {
    const rows = await db.$queryRawUnsafe<{ subject: string; problem: string }[]>(sql);
    found.push(...rows.map((row) => ({ counts, ...row })));
  }
  return [...found, ...(await lostTasks(db, expected))];
}

async function lostTasks(db: Database, expected: readonly Expected[]): Promise<Violation[]> {
  const rows = await db.$queryRaw<{ subject: string; problem: string }[]>`
    SELECT want.task AS subject,
      CASE WHEN r.id IS NULL THEN 'it never had a run' ELSE format('its run %s ended as %s (%s %s)', r.id, r.state, r.end_code, r.end_message) END AS problem
    FROM unnest(${expected.map(({ task }) => task)}::text[], ${expected.map(({ end }) => end)}::text[]) AS want(task, ending)
    LEFT JOIN task t ON t.key = want.task
    LEFT JOIN LATERAL (SELECT * FROM run WHERE task_id = t.id ORDER BY number DESC LIMIT 1) r ON true
    WHERE r.id IS NULL OR (r.state = ANY (${[...SETTLED_STATES]}) AND r.state <> want.ending)`;
  return rows.map((row) => ({ counts: 'lost', ...row }));
}

const SETTLED = SETTLED_STATES.map((state) => `'${state}'`).join(', ');
/** The process that a name of a connection, or a worker id, stands for. */
const WRITER_PID = `split_part(w.writer, ':', 3)`;
const HOLDER_PID = `coalesce(substring(w.holder from '-(\\d+)-[0-9a-f]+$'), 'nobody')`;
/** The sweeper ends the claims of others, which is its work. */
const BY_WORKER = `w.writer LIKE 'chaos:%' AND w.writer NOT LIKE 'chaos:scheduler-%'`;

const CHECKS: readonly (readonly [Violation['counts'], string])[] = [
  [
    'stuck',
    `SELECT id::text AS subject, 'the run is still ' || state AS problem FROM run WHERE state NOT IN (${SETTLED})`,
  ],
  [
    'stuck',
    `SELECT s.id::text AS subject, format('the %s stage is %s although its run is %s', s.stage, s.state, r.state) AS problem
     FROM stage_run s JOIN run r ON r.id = s.run_id WHERE s.state IN ('pending', 'running') AND r.state IN (${SETTLED})`,
  ],
  ['stuck', `SELECT stage_run_id::text AS subject, 'its message was never sent' AS problem FROM outbox`],
  ['stuck', `SELECT id::text AS subject, 'the notice is on its way' AS problem FROM delivery WHERE state = 'pending'`],
  [
    'stuck',
    `SELECT attempt_id::text AS subject, 'money is held for it' AS problem FROM budget_entry GROUP BY attempt_id, part HAVING count(*) = 1`,
  ],
  [
    'lost',
    `SELECT id::text AS subject, 'the notice was given up: ' || last_error AS problem FROM delivery WHERE state = 'failed'`,
  ],
  [
    'duplicateEffects',
    `SELECT t.key AS subject, count(*) || ' runs' AS problem FROM run r JOIN task t ON t.id = r.task_id GROUP BY t.key HAVING count(*) > 1`,
  ],
  [
    'duplicateEffects',
    `SELECT stage_run_id::text AS subject, count(*) || ' attempts succeeded' AS problem
     FROM stage_attempt WHERE outcome = 'succeeded' GROUP BY stage_run_id HAVING count(*) > 1`,
  ],
  [
    'duplicateEffects',
    `SELECT run_id::text AS subject, format('the event %s happened %s times', type, count(*)) AS problem FROM event
     WHERE type IN ('run.started', 'run.specified', 'run.published', 'run.rejected') GROUP BY run_id, type HAVING count(*) > 1`,
  ],
  [
    'staleWritesAccepted',
    `SELECT a.stage_run_id::text AS subject, format('attempt %s succeeded, and the fence is %s', a.fence, s.fence) AS problem
     FROM stage_attempt a JOIN stage_run s ON s.id = a.stage_run_id WHERE a.outcome = 'succeeded' AND a.fence <> s.fence`,
  ],
  [
    'staleWritesAccepted',
    `SELECT w.stage_run_id::text AS subject, format('%s: written by %s, held by %s', w.kind, w.writer, w.holder) AS problem
     FROM recorded_write w WHERE w.kind LIKE 'stage %' AND ${BY_WORKER} AND ${WRITER_PID} <> ${HOLDER_PID}`,
  ],
  [
    'staleWritesAccepted',
    `SELECT w.run_id::text AS subject, format('%s: written by %s without the end of a stage', w.kind, w.writer) AS problem
     FROM recorded_write w WHERE w.kind LIKE 'artifact %' AND ${BY_WORKER} AND NOT EXISTS (
       SELECT FROM recorded_write e WHERE e.tx = w.tx AND e.run_id = w.run_id AND e.kind LIKE 'stage %')`,
  ],
  [
    'staleWritesAccepted',
    `SELECT w.run_id::text AS subject, format('publication: written by %s, held by %s', w.writer, w.holder) AS problem
     FROM recorded_write w WHERE w.kind = 'publication' AND ${BY_WORKER} AND ${WRITER_PID} <> ${HOLDER_PID}`,
  ],
  [
    'other',
    `SELECT s.id::text AS subject, format('the %s stage succeeded without an attempt that did', s.stage) AS problem
     FROM stage_run s WHERE s.state = 'succeeded' AND NOT EXISTS (
       SELECT FROM stage_attempt a WHERE a.stage_run_id = s.id AND a.fence = s.fence AND a.outcome = 'succeeded')`,
  ],
];
