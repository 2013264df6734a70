import type { Database } from '@orchestrator/shared/db/client.ts';

/** Deliveries of webhooks that have not been looked at. */
export async function takeHints(db: Database): Promise<readonly string[]> {
  const rows = await db.webhookEvent.findMany({
    where: { handledAt: null },
    select: { deliveryId: true },
    take: 1_000,
  });
  return rows.map(({ deliveryId }) => deliveryId);
}

/** Kept for a week after that, longer than GitHub offers to deliver again. */
export async function markHandled(db: Database, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length === 0) return;
  await db.$executeRaw`UPDATE webhook_event SET handled_at = now() WHERE delivery_id = ANY(${[...deliveryIds]}::text[])`;
  await db.$executeRaw`DELETE FROM webhook_event WHERE handled_at < now() - interval '7 days'`;
}
