import type { Database } from './client.ts';
import type { Prisma } from './generated/client.ts';

/** Remembers a value under a key, in place of the one that was there. */
export async function storeSetting(
  db: Pick<Database, 'setting'>,
  key: string,
  value: Prisma.InputJsonValue,
): Promise<void> {
  await db.setting.upsert({ where: { key }, create: { key, value }, update: { value } });
}
