import type { Transaction } from '../../db/client.ts';

/** Who interferes, and why. */
export interface By {
  /** Who, and by which way: `cli:ada`, `api`. */
  readonly actor: string;
  readonly reason?: string | undefined;
}

export type InterventionAction = 'pause' | 'resume' | 'cancel' | 'retry' | 'replay' | 'priority' | 'approve' | 'skip';

/** Puts on record what a person did, in the transaction that does it. */
export async function record(
  tx: Transaction,
  action: InterventionAction,
  { actor, reason }: By,
  subject: Readonly<Record<string, unknown>>,
  affected: number,
): Promise<void> {
  await tx.intervention.create({
    data: { action, actor, reason: reason ?? null, subject: subject as object, affected },
  });
}
