import { OrchestratorConfig } from '../config/schema.ts';
import type { Database } from '../db/client.ts';

const key = (repositoryId: string): string => `lessons.halfLifeDays:${repositoryId}`;

/** Remembers how the lessons of a repository fade, for those who show them without its configuration at hand. */
export async function rememberHalfLife(db: Database, repositoryId: string, halfLifeDays: number): Promise<void> {
  await db.$executeRaw`
    INSERT INTO setting (key, value) VALUES (${key(repositoryId)}, to_jsonb(${halfLifeDays}::int))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE setting.value <> excluded.value`;
}

/** As last configured, else the default. */
export async function rememberedHalfLife(db: Pick<Database, 'setting'>, repositoryId: string): Promise<number> {
  const value = (await db.setting.findUnique({ where: { key: key(repositoryId) } }))?.value;
  return typeof value === 'number' ? value : OrchestratorConfig.parse({}).lessons.halfLifeDays;
}
