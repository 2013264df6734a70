import { Prisma } from '../db/generated/client.ts';

/**
 * SQL: nano-dollars that calls have come to so far, by the ledger. `which`: a condition on `model_call c`. Part 0 of an
 * attempt is there whatever budgets it counts against, so each attempt is counted once.
 */
export const charged = (which: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT coalesce(sum(e.charged_nano_usd), 0)::bigint FROM model_call c
  JOIN budget_entry e ON e.attempt_id = c.id AND e.part = 0 AND e.kind <> 'reserve' WHERE ${which})`;

/** Of the run `r`. */
export const CHARGED_TO_RUN = charged(Prisma.sql`c.run_id = r.id`);

/** Of all runs of the task `t`. */
export const CHARGED_TO_TASK = charged(Prisma.sql`c.run_id IN (SELECT id FROM run WHERE task_id = t.id)`);
