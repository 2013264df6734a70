import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import { isRoutine, type Notice } from '../channel.ts';

/** So many routine news are still told each on its own. */
const EACH = 3;

/** What a message says: notices one by one, and others counted by type. */
export interface Digest {
  readonly each: readonly Notice[];
  readonly groups: readonly (readonly [type: EventType, notices: readonly Notice[]])[];
}

/** Few are told one by one; of many, the routine ones are put together by type. `most`: parts that a message has room for. */
export function digestOf(notices: readonly Notice[], most: number): Digest {
  const routine = notices.filter(({ type }) => isRoutine(type));
  if (routine.length <= EACH && notices.length <= most) return { each: notices, groups: [] };
  const urgent = notices.filter(({ type }) => !isRoutine(type));
  const [kept, gathered] = urgent.length <= most / 2 ? [urgent, routine] : [[], notices];
  return { each: kept, groups: [...Map.groupBy(gathered, ({ type }) => type)].slice(0, most - kept.length) };
}
