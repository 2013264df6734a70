import type { JobPayload } from '@orchestrator/shared/contracts/job.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Claim } from '@orchestrator/shared/pipeline/claim.ts';
import type { QueueName } from '@orchestrator/shared/pipeline/machine.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import { type SeededRun, seedRun } from '@orchestrator/testkit/seed-run.ts';
import type pg from 'pg';
import type { DeliveryModel, ModelHold } from './model.ts';

export interface Message extends JobPayload {
  readonly queue: QueueName;
}

/** A queue that loses, keeps and repeats what it is told to. */
export interface Network extends Transport {
  /** Those that are on their way. */
  carried: Message[];
  /** All that were ever published: any of them may turn up once more. */
  readonly ever: Message[];
  wipe(): void;
}

export function network(): Network {
  let mark: string | null = null;
  const state: Network = {
    carried: [],
    ever: [],
    async publish(queue, messages) {
      const sent = messages.map((message) => ({ ...message, queue }));
      state.carried.push(...sent);
      state.ever.push(...sent);
    },
    async missing(_queue, messages) {
      const there = new Set(state.carried.map(({ stageRunId, generation }) => `${stageRunId} ${generation}`));
      return messages.filter(({ stageRunId, generation }) => !there.has(`${stageRunId} ${generation}`));
    },
    hasMark: async (epoch) => mark === epoch,
    setMark: async (epoch) => {
      mark = epoch;
    },
    consume: () => Promise.reject(new Error('messages are delivered by hand')),
    inspect: () => null,
    openCanary: () => Promise.reject(new Error('nothing is watched')),
    close: async () => {},
    wipe() {
      state.carried = [];
      mark = null;
    },
  };
  return state;
}

/** The system under test: Postgres, the real statements, and a network that the commands play. */
export interface Real {
  readonly db: Database;
  readonly client: pg.Client;
  readonly network: Network;
  readonly seeded: readonly SeededRun[];
  readonly repositories: readonly string[];
  /** Claims that workers hold or believe to hold, with what the model knows of them. */
  /** The network was wiped, and nobody has looked since. */
  wiped: boolean;
  readonly holds: { readonly claim: Claim; readonly model: ModelHold }[];
}

/** An empty database with runs of two repositories, as admission leaves them. */
export async function openReal(db: Database, client: pg.Client, repositoryOf: readonly number[]): Promise<Real> {
  await db.$executeRaw`TRUNCATE event, outbox, stage_attempt, stage_run, run, task, repository, intervention CASCADE`;
  await db.$executeRaw`UPDATE queue_control SET paused = false, turn = 0`;
  await db.setting.deleteMany();
  const repositories: string[] = [];
  const seeded: SeededRun[] = [];
  for (const repository of repositoryOf) {
    const repositoryId = repositories[repository];
    const run = await seedRun(db, repositoryId === undefined ? {} : { repositoryId });
    repositories[repository] = run.repositoryId;
    seeded.push(run);
  }
  return { db, client, network: network(), seeded, repositories, wiped: false, holds: [] };
}

interface Row {
  readonly state: string;
  readonly round: number;
  readonly paused: boolean;
  readonly cancelRequested: boolean;
  readonly priority: number;
  readonly stages: string;
}

/** Compares every run and stage run of the database with the model's. */
export async function compare(model: DeliveryModel, { db, seeded }: Real): Promise<void> {
  const ids = seeded.map((run) => run.runId);
  const rows = await db.$queryRaw<Row[]>`
    SELECT r.state, r.round, r.paused_at IS NOT NULL AS paused, r.cancel_requested_at IS NOT NULL AS "cancelRequested", r.priority,
      (SELECT string_agg(concat_ws(' ', s.stage, s.round, s.state, 'g' || s.generation, 'f' || s.fence, 'e' || s.error_count, 'c' || s.crash_count,
         CASE WHEN s.state = 'pending' THEN concat('published:', s.published_at IS NOT NULL, ' parked:', s.available_at > now()) END,
         CASE WHEN s.state = 'running' THEN concat('expired:', s.lease_until < now()) END), ', ' ORDER BY s.created_at, s.round)
       FROM stage_run s WHERE s.run_id = r.id) AS stages
    FROM run r WHERE r.id = ANY (${ids}::uuid[]) ORDER BY array_position(${ids}::uuid[], r.id)`;
  const seen = rows.map((row) => lineOf(row, row.stages)).join('\n');
  const wanted = model.runs
    .map((run) =>
      lineOf(
        run,
        run.stages
          .map((s) => {
            const more =
              s.state === 'pending'
                ? ` published:${flag(s.published)} parked:${flag(s.parked)}`
                : s.state === 'running'
                  ? ` expired:${flag(s.expired)}`
                  : '';
            return `${s.stage} ${s.round} ${s.state} g${s.generation} f${s.fence} e${s.errors} c${s.crashes}${more}`;
          })
          .join(', '),
      ),
    )
    .join('\n');
  if (seen !== wanted) throw new Error(`the database holds\n${seen}\ninstead of\n${wanted}`);
}

const flag = (value: boolean): string => (value ? 't' : 'f');
const lineOf = ({ state, round, paused, cancelRequested, priority }: Omit<Row, 'stages'>, stages: string): string =>
  `${state} ${round} paused:${paused} cancel:${cancelRequested} p${priority} | ${stages}`;

/** What holds at every moment, whatever the model says: the answers are empty. */
const INVARIANTS: Readonly<Record<string, string>> = {
  'a stage run succeeds at most once': `SELECT stage_run_id FROM stage_attempt WHERE outcome = 'succeeded' GROUP BY 1 HAVING count(*) > 1`,
  'every claim is one attempt': `SELECT s.id FROM stage_run s WHERE s.fence <> (SELECT count(*) FROM stage_attempt a WHERE a.stage_run_id = s.id)`,
  'one attempt at a time is open': `SELECT s.id FROM stage_run s JOIN stage_attempt a ON a.stage_run_id = s.id AND a.ended_at IS NULL
    WHERE a.fence <> s.fence OR s.state <> 'running'`,
  'a run is worked on in one place': `SELECT run_id FROM stage_run WHERE state IN ('pending', 'running') GROUP BY 1 HAVING count(*) > 1`,
  'a settled run has nothing to do, and every other has': `SELECT r.id FROM run r
    WHERE (r.state IN ('in_review', 'merged', 'rejected', 'failed', 'cancelled'))
       = EXISTS (SELECT FROM stage_run s WHERE s.run_id = r.id AND s.state IN ('pending', 'running'))`,
  'nothing is forgotten: what is pending is published or announced': `SELECT s.id FROM stage_run s
    WHERE s.state = 'pending' AND s.published_at IS NULL
      AND NOT EXISTS (SELECT FROM outbox o WHERE o.stage_run_id = s.id AND o.generation = s.generation)`,
  'a settled run says when': `SELECT id FROM run WHERE (state IN ('in_review', 'merged', 'rejected', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)`,
};

/** One question for all of them: it is asked after every command. */
const BROKEN = Object.entries(INVARIANTS)
  .map(([name, query]) => `SELECT '${name}' AS invariant, broken.*::text FROM (${query}) broken`)
  .join(' UNION ALL ');

export async function checkInvariants({ client }: Pick<Real, 'client'>): Promise<void> {
  const { rows } = await client.query(BROKEN);
  if (rows.length > 0) throw new Error(`broken: ${JSON.stringify(rows)}`);
}
