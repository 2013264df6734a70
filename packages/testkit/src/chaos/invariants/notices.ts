import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { NoticeRecord } from '../world/vendor-records.ts';
import type { Violation } from './violation.ts';

/** Events that the channel has to be told of. */
export const TOLD_EVENTS: readonly string[] = OrchestratorConfig.parse({}).notify.events;

export interface Notices {
  /** Sent again because a process died between the channel's answer and its record: a webhook cannot be asked. */
  readonly repeated: number;
  readonly violations: readonly Violation[];
}

/** Events of a run at one instant: what a message of the channel can be traced to. */
interface Told {
  readonly place: string;
  readonly events: number;
  readonly tries: number;
}

/**
 * Compares what the channel received with the deliveries. Each event is told at least once, and not more often than it
 * was tried: a notice is repeated only where a try ended without a record.
 */
export async function compareNotices(db: Database, received: readonly NoticeRecord[]): Promise<Notices> {
  const told = await db.$queryRaw<Told[]>`
    SELECT format('%s %s', e.run_id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS place,
      count(*)::int AS events, sum(d.tries)::int AS tries
    FROM delivery d JOIN event e ON e.id = d.event_id WHERE e.run_id IS NOT NULL AND d.state = 'sent' GROUP BY 1`;
  const messages = Map.groupBy(
    received.filter(({ runId }) => runId !== null),
    ({ runId, at }) => `${runId} ${at}`,
  );
  const untold = await db.$queryRaw<{ subject: string; problem: string }[]>`
    SELECT e.id::text AS subject, format('the channel was never to be told of %s of %s', e.type, e.run_id) AS problem FROM event e
    WHERE e.type = ANY (${[...TOLD_EVENTS]}) AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id)`;
  const violations: Violation[] = untold.map((row) => ({ counts: 'lost', ...row }));
  let repeated = 0;
  for (const { place, events, tries } of told) {
    const found = messages.get(place) ?? [];
    const different = new Set(found.map(({ title }) => title)).size;
    if (different < events)
      violations.push({ counts: 'lost', subject: place, problem: `${events} notices were sent, ${different} arrived` });
    if (found.length > tries)
      violations.push({
        counts: 'duplicateEffects',
        subject: place,
        problem: `${found.length} messages came of ${tries} tries`,
      });
    else repeated += Math.max(0, found.length - events);
    messages.delete(place);
  }
  for (const place of messages.keys())
    violations.push({ counts: 'other', subject: place, problem: 'a message tells of what did not happen' });
  return { repeated, violations };
}
