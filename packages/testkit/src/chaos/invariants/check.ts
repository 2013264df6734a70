import { audit } from '@orchestrator/shared/budget/audit.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import type { VendorRecords } from '../world/vendor-records.ts';
import { branchViolations } from './branches.ts';
import { databaseViolations, type Expected } from './database.ts';
import { compareModelCalls, overspend } from './model-calls.ts';
import { compareNotices } from './notices.ts';
import { pullViolations } from './pulls.ts';
import type { Violation } from './violation.ts';

/** What is to be compared with the database. */
export interface Evidence {
  readonly expected: readonly Expected[];
  readonly vendors: VendorRecords;
  /** By task: the commit after each update of its branch. */
  readonly branchUpdates: ReadonlyMap<string, readonly string[]>;
}

export interface Findings {
  readonly lost: number;
  readonly duplicateEffects: number;
  readonly staleWritesAccepted: number;
  readonly overspendNanoUsd: bigint;
  readonly stuck: number;
  readonly paidTwice: number;
  readonly noticesRepeated: number;
  readonly violations: readonly Violation[];
}

/** Everything that has to hold at the end, by our rows and by the others' records. */
export async function checkInvariants(db: Database, evidence: Evidence): Promise<Findings> {
  const { vendors } = evidence;
  const calls = await compareModelCalls(db, vendors.answers);
  const notices = await compareNotices(db, vendors.notices);
  const { problems } = await audit(db);
  const violations: Violation[] = [
    ...(await databaseViolations(db, evidence.expected)),
    ...calls.violations,
    ...(await branchViolations(db, evidence.branchUpdates)),
    ...(await pullViolations(db, vendors.pulls)),
    ...notices.violations,
    ...problems.map(({ invariant, subject, problem }) => ({
      counts: 'other' as const,
      subject,
      problem: `ledger, ${invariant}: ${problem}`,
    })),
  ];
  const count = (counts: Violation['counts']) => violations.filter((one) => one.counts === counts).length;
  return {
    lost: count('lost'),
    duplicateEffects: count('duplicateEffects'),
    staleWritesAccepted: count('staleWritesAccepted'),
    overspendNanoUsd: await overspend(db, BigInt(vendors.meteredNanoUsd)),
    stuck: count('stuck'),
    paidTwice: calls.paidTwice,
    noticesRepeated: notices.repeated,
    violations,
  };
}
