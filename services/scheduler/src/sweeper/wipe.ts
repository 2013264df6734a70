import { randomUUID } from 'node:crypto';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { Prisma } from '@orchestrator/shared/db/generated/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import { republish } from '@orchestrator/shared/pipeline/announce.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';

const EPOCH_KEY = 'queue.epoch';

/**
 * Looks for the mark that was left in the queue's backend. Where it is gone, so is everything else: all that was
 * published is announced again at once, and a new mark is left. Returns how many were announced.
 *
 * The new mark comes after the commit: a crash in between repeats the work, and loses nothing. The locks make a relay
 * wait that has published into the old backend and not committed yet, so that nothing of it is overlooked.
 */
export async function republishAfterWipe(db: Database, transport: Transport): Promise<number> {
  const stored = await db.setting.findUnique({ where: { key: EPOCH_KEY } });
  const epoch = stored?.value as string | undefined;
  if (epoch !== undefined && (await transport.hasMark(epoch))) return 0;
  const next = `epoch-${randomUUID()}`;
  const count = await db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT queue FROM queue_control ORDER BY queue FOR UPDATE`;
      const announced = await republish(tx, Prisma.sql`true`);
      await storeSetting(tx, EPOCH_KEY, next);
      return announced;
    },
    { timeout: 30_000 },
  );
  await transport.setMark(next);
  return count;
}
