import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { Notice, NotifyRules, Sending } from '../src/channel.ts';

/** Writes an event as a service would; gives its id. */
export async function addEvent(
  db: Database,
  type: EventType,
  data: object = {},
  runId: string | null = null,
): Promise<bigint> {
  return (await db.event.create({ data: { type, data, runId } })).id;
}

export const rulesOf = (notify: object = {}): NotifyRules => OrchestratorConfig.parse({ notify }).notify;

/** Notices as the delivery loop gives them to a channel. */
export const sendingOf = (
  notices: Notice | readonly [Notice, ...Notice[]],
  env: Environment,
  over: Partial<Sending> = {},
): Sending => ({
  notices: 'type' in notices ? [notices] : notices,
  rules: rulesOf(),
  message: null,
  history: [],
  env,
  signal: new AbortController().signal,
  ...over,
});
