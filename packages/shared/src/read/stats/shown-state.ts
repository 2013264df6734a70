import { Prisma } from '../../db/generated/client.ts';

/** State of `pull_request pull`; `superseded` is one that we closed ourselves, which is no decision of people. */
export const SHOWN_STATE = Prisma.sql`
  CASE WHEN pull.state = 'closed' AND EXISTS (
    SELECT FROM pull_outcome o WHERE o.pull_request_id = pull.id AND o.run_id = pull.run_id AND o.result = 'superseded'
  ) THEN 'superseded' ELSE pull.state END`;
