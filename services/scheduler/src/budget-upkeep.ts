import { createLoop } from '@orchestrator/shared/boot/loop.ts';
import type { Component } from '@orchestrator/shared/boot/resources.ts';
import { announcePhase, raiseAlerts } from '@orchestrator/shared/budget/alerts.ts';
import { announceFreezes } from '@orchestrator/shared/budget/announce-freezes.ts';
import { audit, freezeAfterAudit } from '@orchestrator/shared/budget/audit.ts';
import type { Ledger } from '@orchestrator/shared/budget/ledger.ts';
import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import { count } from '@orchestrator/shared/telemetry/record.ts';
import type { Logger } from 'pino';
import { type Leader, whenLeading } from './leader.ts';

export interface BudgetUpkeepOptions {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly log: Logger;
  /** Absent: it is done here in any case. */
  readonly leader?: Leader;
  /** Default 2 s. */
  readonly everyMs?: number;
}

const AUDIT_EVERY_MS = 3_600_000;
const PERCENTS_KEY = 'budget.alertPercents';

/** Remembers at which thresholds channels are told; a row, because the configuration that says so is a repository's. */
export async function rememberAlertPercents(db: Database, percents: readonly number[]): Promise<void> {
  await storeSetting(db, PERCENTS_KEY, [...percents]);
}

/**
 * What the ledger needs now and then: reservations of processes that died are booked, thresholds and phases are
 * announced, and at the start and hourly the invariants are recomputed. A difference freezes the budget.
 */
export function createBudgetUpkeep({ db, ledger, log, leader, everyMs = 2_000 }: BudgetUpkeepOptions): Component {
  let auditedAt = Number.NEGATIVE_INFINITY;

  async function keepUp(): Promise<void> {
    const forfeited = await ledger.reap();
    count('orchestrator_forfeits_total', { by: 'reaper' }, forfeited);
    if (forfeited > 0)
      log.warn({ reservations: forfeited }, 'reservations whose calls never ended are booked as spent');
    const remembered = await db.setting.findUnique({ where: { key: PERCENTS_KEY } });
    const percents = (remembered?.value as number[] | undefined) ?? OrchestratorConfig.parse({}).budget.alertPercents;
    for (const alert of await raiseAlerts(db, percents)) log.warn({ alert }, 'budget threshold passed');
    for (const frozen of await announceFreezes(db)) log.error({ frozen }, 'budget frozen');
    const phase = await announcePhase(db);
    if (phase) log.info({ phase }, 'budget phase began');
    if (performance.now() - auditedAt < AUDIT_EVERY_MS) return;
    const { problems } = await audit(db);
    auditedAt = performance.now();
    if (problems.length === 0) return;
    const frozen = await freezeAfterAudit(db);
    log.fatal(
      { code: 'BUDGET_AUDIT', problems, frozenWindows: frozen },
      'the ledger and its counters differ: nothing is spent from these windows',
    );
  }

  async function round(): Promise<undefined> {
    await keepUp();
    return undefined;
  }

  return createLoop({
    name: 'budget upkeep',
    everyMs,
    round: leader ? whenLeading(leader, round) : round,
    failed: (error) => log.warn({ err: error }, 'budget upkeep failed; tried again'),
    // What the last calls spent is announced before the channels close.
    atEnd: () => keepUp().catch(() => {}),
  });
}
