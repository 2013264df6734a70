import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '@orchestrator/shared/budget/audit.ts';
import { GLOBAL_BUDGET, repositoryBudget } from '@orchestrator/shared/budget/budget-ids.ts';
import { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { formatUsd, largestOf } from '@orchestrator/shared/budget/money.ts';
import { ensureBudget } from '@orchestrator/shared/budget/phases.ts';
import { currentWindows } from '@orchestrator/shared/budget/windows.ts';
import { Phase } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { startFleet, startProvider } from './fleet.ts';
import { KILL_POINTS } from './kill-points.ts';
import { pick, randomSequence } from './random.ts';

export interface ProofOptions {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly seconds: number;
  /** The least number of deaths at each point; it may take longer than `seconds`. */
  readonly killsPerPoint: number;
  readonly seed: number;
  readonly workers: number;
  readonly log: (line: string) => void;
}

export interface ProofResult {
  readonly attempts: number;
  readonly kills: number;
  readonly overspendNanoUsd: bigint;
  readonly meteredNanoUsd: bigint;
  readonly ledgerNanoUsd: bigint;
  readonly limitNanoUsd: bigint;
  /** Attempts that are still held although their time is over and the reaper has run. */
  readonly stuck: number;
  readonly doubleSettled: number;
  /** Everything else that must not be: audit problems, workers that crashed. */
  readonly problems: readonly string[];
}

const TIMEOUT_MS = 1_500;
const GRACE_MS = 500;
/** The client adds five seconds to the timeout of a call; see attempt.ts. */
const EXPIRY_MS = TIMEOUT_MS + 5_000 + GRACE_MS;
/** What one change of the configuration adds to the limit: some twenty of the larger reservations. */
const STEP_NANO_USD = 60_000_000n;

/**
 * Worker processes spend as fast as they can under a limit that is nearly always reached: it is raised in small steps,
 * through the configuration, whenever nothing fits any more, and now and then lowered below what is spent.
 */
export async function runProof(options: ProofOptions): Promise<ProofResult> {
  const { database: db, seconds, seed, workers, log } = options;
  const random = randomSequence(seed);
  const setLimit = (limit: bigint, budgetId = GLOBAL_BUDGET) =>
    ensureBudget(db, [Phase.parse({ name: 'proof', limit: { total: formatUsd(limit, 9).slice(1) } })], budgetId);
  let limit = STEP_NANO_USD;
  await setLimit(limit);
  for (let i = 0; i < 4; i++) await setLimit(1_000n * STEP_NANO_USD, repositoryBudget(String(i)));

  const provider = await startProvider(seed, 0.12);
  const fleet = startFleet(workers, (worker, life) => ({
    worker,
    seed: seed * 1_000_003 + worker * 1_009 + life,
    databaseUrl: options.databaseUrl,
    providerUrl: provider.url,
    deathRate: 0.2,
    timeoutMs: TIMEOUT_MS,
    graceMs: GRACE_MS,
  }));

  let overspendNanoUsd = 0n;
  const look = async () => {
    // The bill first: whatever is billed now must be within the limit that is read afterwards, which never falls below it.
    const metered = await provider.bill();
    const [window] = await currentWindows(db, [GLOBAL_BUDGET]);
    const committed = window ? window.reservedNanoUsd + window.settledNanoUsd : 0n;
    const limitNow = window?.limitNanoUsd ?? 0n;
    overspendNanoUsd = largestOf([overspendNanoUsd, metered - limitNow, committed - limitNow]);
    return { metered, committed, limitNow, free: limitNow - committed };
  };

  await fleet.ready;
  log('all workers are at work');
  const end = performance.now() + seconds * 1_000;
  const unfinished = () => KILL_POINTS.some((point) => (fleet.kills.get(point) ?? 0) < options.killsPerPoint);
  while (fleet.failures.length === 0 && (performance.now() < end || unfinished())) {
    await delay(100);
    const { committed, free } = await look();
    if (free > STEP_NANO_USD / 10n) continue;
    // The edge is held for a while, then moved.
    await delay(pick(random, [0, 100, 400]));
    limit = committed + STEP_NANO_USD;
    if (random() < 0.1) await setLimit(committed / 2n);
    await setLimit(limit);
  }

  await fleet.stop();
  const ledger = new Ledger(db, { graceMs: GRACE_MS });
  const kills = [...fleet.kills.values()].reduce((sum, count) => sum + count, 0);
  log(`${kills} kills: ${[...fleet.kills].map(([point, count]) => `${count} ${point}`).join(', ')}`);
  log(`waiting ${EXPIRY_MS} ms for the last holds to expire`);
  await delay(EXPIRY_MS);
  await ledger.reap();
  const last = await look();
  const found = await audit(db);
  const [counts] = await db.$queryRaw<{ attempts: bigint; stuck: bigint; doubled: bigint }[]>`
    SELECT count(*) FILTER (WHERE reserves > 0) AS attempts, count(*) FILTER (WHERE ends = 0) AS stuck,
           count(*) FILTER (WHERE ends > 1) AS doubled
    FROM (
      SELECT attempt_id, part, count(*) FILTER (WHERE kind = 'reserve') AS reserves, count(*) FILTER (WHERE kind <> 'reserve') AS ends
      FROM budget_entry WHERE part = 0 GROUP BY attempt_id, part
    ) attempts`;
  provider.stop();
  return {
    attempts: Number(counts?.attempts ?? 0n),
    kills,
    overspendNanoUsd,
    meteredNanoUsd: last.metered,
    ledgerNanoUsd: last.committed,
    limitNanoUsd: last.limitNow,
    stuck: Number(counts?.stuck ?? 0n),
    doubleSettled: Number(counts?.doubled ?? 0n),
    problems: [...found.problems.map((one) => `${one.invariant}: ${one.subject}: ${one.problem}`), ...fleet.failures],
  };
}
