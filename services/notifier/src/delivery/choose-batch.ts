import type { Channel, NotifyRules } from '../channel.ts';
import type { DueDelivery } from './due-deliveries.ts';
import type { RulesOf } from './notify-rules.ts';

/** Deliveries that go out as one. */
export interface Batch {
  readonly ids: readonly bigint[];
  readonly rules: NotifyRules;
  /** The run whose news are kept together; null: they stand for themselves. */
  readonly keptRunId: string | null;
}

/** The oldest of the due deliveries with those that may go with it. */
export async function chooseBatch(
  channel: Channel,
  due: readonly [DueDelivery, ...DueDelivery[]],
  rulesOf: RulesOf,
): Promise<Batch> {
  const [first] = due;
  const rules = await rulesOf(first);
  const keptRunOf = async ({ runId, ...place }: DueDelivery): Promise<string | null> =>
    runId !== null && channel.keepsRuns?.(await rulesOf(place)) ? runId : null;
  const keptRunId = await keptRunOf(first);
  if (!channel.gathers) return { ids: [first.id], rules, keptRunId };
  const ids: bigint[] = [];
  for (const delivery of due) {
    // What calls somebody by other rules goes on its own.
    const same = JSON.stringify((await rulesOf(delivery)).mentions) === JSON.stringify(rules.mentions);
    if (same && (await keptRunOf(delivery)) === keptRunId) ids.push(delivery.id);
  }
  return { ids, rules, keptRunId };
}
