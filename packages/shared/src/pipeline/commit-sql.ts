/** The statement that ends stage runs: see commit-outcome.ts. */
import { HEAD_START, OUTBOX_COLUMNS, queueOf, REPLACE_OLDER } from './announce.ts';
import { ALL_QUEUES } from './paused.ts';
import { ON_THEIR_WAY, WINDOW } from './room.ts';

const NEXT_QUEUE = queueOf('g.next_stage').sql;

/** Tokens and money of all model calls of stage run `ended` so far; null where it made none. */
export const SPENT = `(
  SELECT sum((SELECT sum(value::bigint) FROM jsonb_each_text(usage) WHERE key <> 'reasoning'))::float8 AS tokens,
    sum(cost_nano_usd)::text AS "costNanoUsd"
  FROM model_call WHERE stage_run_id = ended.id
)`;

/**
 * $1: the ended stage runs, $2: their ids, by which they are found. A successor counts as published at once, and its
 * caller hands it over, where its queue has room and nothing else waits for it: whatever waits has its turn by the relay,
 * which is woken then. Rooms are worked out once for all; those who end at the same moment do not see each other, so that
 * a window may be exceeded by their number.
 */
export const COMMIT_RESULTS = `
WITH given AS MATERIALIZED (
  SELECT g.*, ${NEXT_QUEUE} AS queue FROM jsonb_to_recordset($1::jsonb) AS g (id uuid, fence bigint, state text, outcome text,
    run_state text, run_round int, next_stage text, code text, message text, hands_over boolean, artifacts jsonb, events jsonb)
), ended AS (
  UPDATE stage_run s SET state = g.state, outcome = g.outcome, ended_at = now(), lease_owner = NULL, lease_until = NULL
  FROM given g WHERE s.id = ANY ($2::uuid[]) AND s.id = g.id AND s.fence = g.fence AND s.state = 'running'
  RETURNING s.id, s.run_id, s.stage, s.round, s.fence
), attempt AS (
  UPDATE stage_attempt a SET ended_at = now(), outcome = g.state
  FROM ended e JOIN given g ON g.id = e.id WHERE a.stage_run_id = e.id AND a.fence = e.fence
), artifacts AS (
  INSERT INTO artifact (id, run_id, kind, round, content)
  SELECT gen_random_uuid(), e.run_id, v.kind, e.round, v.content
  FROM ended e JOIN given g ON g.id = e.id, jsonb_to_recordset(g.artifacts) AS v (kind text, content jsonb)
  ON CONFLICT (run_id, kind, round) DO UPDATE SET content = excluded.content
), events AS (
  INSERT INTO event (run_id, type, data)
  SELECT e.run_id, v.value->>'type', v.value->'data'
  FROM ended e JOIN given g ON g.id = e.id, jsonb_array_elements(g.events) WITH ORDINALITY AS v (value, place) ORDER BY e.id, v.place
), r AS (
  UPDATE run SET state = g.run_state, round = g.run_round, version = version + 1,
    ended_at = CASE WHEN g.next_stage IS NULL THEN now() END, end_code = g.code, end_message = g.message
  FROM ended e JOIN given g ON g.id = e.id WHERE run.id = e.run_id
  RETURNING run.id, run.task_id, run.created_at - run.priority * ${HEAD_START.sql} AS rank_at, run.paused_at,
    e.id AS after, g.next_stage, g.run_round, g.queue, g.hands_over
), room AS MATERIALIZED (
  SELECT c.queue, ${WINDOW} - ${ON_THEIR_WAY} AS free FROM queue_control c
  WHERE c.queue IN (SELECT queue FROM given WHERE hands_over) AND NOT c.paused
    AND NOT EXISTS (SELECT FROM queue_control a WHERE a.queue = '${ALL_QUEUES}' AND a.paused)
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.queue = c.queue AND o.not_before <= now())
), following AS MATERIALIZED (
  SELECT gen_random_uuid() AS id, r.id AS run_id, r.after, r.next_stage, r.run_round, r.queue, r.rank_at, t.repository_id,
    r.hands_over AND r.paused_at IS NULL AND NOT p.paused
      AND row_number() OVER (PARTITION BY r.queue ORDER BY r.rank_at, r.id) <= coalesce(room.free, 0) AS handed
  FROM r JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id LEFT JOIN room ON room.queue = r.queue
  WHERE r.next_stage IS NOT NULL
), s AS (
  INSERT INTO stage_run (id, run_id, stage, round, published_at)
  SELECT id, run_id, next_stage, run_round, CASE WHEN handed THEN now() END FROM following
  RETURNING id, generation, available_at
), announced AS (
  INSERT INTO outbox (${OUTBOX_COLUMNS.sql})
  SELECT s.id, s.generation, f.queue, f.repository_id, f.rank_at, s.available_at FROM s JOIN following f ON f.id = s.id WHERE NOT f.handed
  ${REPLACE_OLDER.sql}
), waiting AS MATERIALIZED (
  SELECT pg_notify('outbox', '') WHERE EXISTS (SELECT FROM following WHERE NOT handed)
    OR EXISTS (SELECT FROM outbox o WHERE o.not_before <= now() AND o.queue IN (SELECT ${queueOf('e.stage').sql} FROM ended e))
)
SELECT ended.id, f.id AS next_id, CASE WHEN f.handed THEN f.queue END AS queue, spent.*, (SELECT count(*) FROM waiting) AS woken
FROM ended LEFT JOIN following f ON f.after = ended.id, LATERAL ${SPENT} spent`;
