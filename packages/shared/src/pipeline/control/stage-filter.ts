import { Prisma } from '../../db/generated/client.ts';
import type { Stage } from '../machine.ts';

/** Which stage runs are meant; what is absent does not narrow. */
export interface StageFilter {
  readonly stageRunIds?: readonly string[] | undefined;
  readonly runId?: string | undefined;
  readonly repositoryId?: string | undefined;
  readonly taskKey?: string | undefined;
  readonly stage?: Stage | undefined;
  /** An error code: of the run's end, or of the stage's last error. */
  readonly code?: string | undefined;
  /** Ended, or put back, within the last so many milliseconds. */
  readonly sinceMs?: number | undefined;
  /** The reason that a stage is parked for. */
  readonly parkedReason?: readonly string[] | undefined;
}

/** SQL over stage run `s`, run `r` and task `t`. */
export function matching(filter: StageFilter): Prisma.Sql {
  const { stageRunIds, runId, repositoryId, taskKey, stage, code, sinceMs, parkedReason } = filter;
  const all: Prisma.Sql[] = [Prisma.sql`true`];
  if (stageRunIds) all.push(Prisma.sql`s.id = ANY (${[...stageRunIds]}::uuid[])`);
  if (runId) all.push(Prisma.sql`r.id = ${runId}::uuid`);
  if (repositoryId) all.push(Prisma.sql`t.repository_id = ${repositoryId}::uuid`);
  if (taskKey) all.push(Prisma.sql`t.key = ${taskKey}`);
  if (stage) all.push(Prisma.sql`s.stage = ${stage}`);
  if (code) all.push(Prisma.sql`(r.end_code = ${code} OR s.last_error->>'code' = ${code})`);
  if (sinceMs !== undefined)
    all.push(Prisma.sql`coalesce(s.ended_at, s.created_at) > now() - ${sinceMs} * interval '1 millisecond'`);
  if (parkedReason) all.push(Prisma.sql`s.parked_reason = ANY (${[...parkedReason]}::text[])`);
  return Prisma.join(all, ' AND ');
}
