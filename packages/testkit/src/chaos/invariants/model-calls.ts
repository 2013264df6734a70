import type { Database } from '@orchestrator/shared/db/client.ts';
import type { ModelAnswer } from '../world/vendor-records.ts';
import type { Violation } from './violation.ts';

/** What our database knows of one question. */
interface KnownCalls {
  readonly question: string;
  readonly stored: number;
  readonly settled: number;
  readonly forfeited: number;
}

export interface PaidTwice {
  /** Answers beyond the first to the same question, each booked as forfeited. */
  readonly paidTwice: number;
  readonly violations: readonly Violation[];
}

/**
 * Compares the answers that the vendors billed with the ledger. A question may be answered more than once only where a
 * process died, or was cut off, between the request and the record of its answer; then the ledger shows it as forfeited.
 */
export async function compareModelCalls(db: Database, answers: readonly ModelAnswer[]): Promise<PaidTwice> {
  const known = new Map((await knownCalls(db)).map((one) => [one.question, one]));
  const violations: Violation[] = [];
  let paidTwice = 0;
  for (const [question, billed] of countByQuestion(answers)) {
    const { settled = 0, forfeited = 0 } = known.get(question) ?? {};
    const problem = `billed ${billed} times, booked ${settled + forfeited} times`;
    if (billed > settled + forfeited) violations.push({ counts: 'duplicateEffects', subject: question, problem });
    else paidTwice += billed - 1;
  }
  for (const { question, stored } of known.values()) {
    const problem = `asked again although an answer was stored: ${stored} answers`;
    if (stored > 1) violations.push({ counts: 'duplicateEffects', subject: question, problem });
  }
  return { paidTwice, violations };
}

function countByQuestion(answers: readonly ModelAnswer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { task, role, ordinal } of answers) {
    const question = `${task} ${role} ${ordinal}`;
    counts.set(question, (counts.get(question) ?? 0) + 1);
  }
  return counts;
}

/** The coder's question of round n is its n-th: every answer of the harness' models can be applied. */
const knownCalls = (db: Database): Promise<KnownCalls[]> => db.$queryRaw`
  SELECT format('%s %s %s', t.key, c.role, s.round + c.ordinal - 1) AS question,
    count(*) FILTER (WHERE c.state = 'committed')::int AS stored,
    count(*) FILTER (WHERE EXISTS (SELECT FROM budget_entry e WHERE e.attempt_id = c.id AND e.kind = 'settle'))::int AS settled,
    count(*) FILTER (WHERE EXISTS (SELECT FROM budget_entry e WHERE e.attempt_id = c.id AND e.kind = 'forfeit'))::int AS forfeited
  FROM model_call c JOIN stage_run s ON s.id = c.stage_run_id JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id
  GROUP BY 1`;

/** By how much the vendors' bill, or the ledger, is above what it may be. */
export async function overspend(db: Database, meteredNanoUsd: bigint): Promise<bigint> {
  const [row] = await db.$queryRaw<{ charged: bigint; limit: bigint; held: bigint }[]>`
    SELECT coalesce(sum(settled_nano_usd), 0)::bigint AS charged, coalesce(sum(limit_nano_usd), 0)::bigint AS limit,
      coalesce(sum(reserved_nano_usd), 0)::bigint AS held
    FROM budget_window WHERE budget_id = 'global'`;
  const { charged = 0n, limit = 0n, held = 0n } = row ?? {};
  return [meteredNanoUsd - charged - held, charged + held - limit].reduce((most, one) => (one > most ? one : most), 0n);
}
