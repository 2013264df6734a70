import { CheckRun } from '@orchestrator/shared/contracts/verdict.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';

/** What is known of the repository's own build and tests at a commit. */
export interface BaselineState {
  readonly green: boolean;
  /** Commands that failed, as they were called. */
  readonly failed: readonly string[];
  readonly totals: CheckRun['totals'];
  readonly at: Date;
}

/** The cached baseline of a commit; null: it was never built, or the result cannot be read any more. */
export async function baselineState(db: Database, repositoryId: string, commit: string): Promise<BaselineState | null> {
  const row = await db.baseline.findFirst({ where: { repositoryId, commit }, orderBy: { createdAt: 'desc' } });
  const parsed = CheckRun.safeParse(row?.content);
  if (!row || !parsed.success) return null;
  const { commands, totals } = parsed.data;
  const failed = commands.filter(({ exitCode }) => exitCode !== 0).map(({ argv }) => argv.join(' '));
  return { green: failed.length === 0, failed, totals, at: row.createdAt };
}
