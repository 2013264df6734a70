import type { Database } from '@orchestrator/shared/db/client.ts';
import { retryNow } from '@orchestrator/shared/pipeline/control/retry-now.ts';

/** What a person can have put right before starting again: the machine, keys and models, the limits of the budget. */
const LOOKED_AT_AGAIN = ['sandbox', 'configuration', 'budget'];

/** Lets stages that wait for a person look again at once. What is still wrong sends them back. Returns how many. */
export const wakeWaiting = (db: Database): Promise<number> => retryNow(db, { parkedReason: LOOKED_AT_AGAIN }, null);
