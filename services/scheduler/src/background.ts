import type { Component, Resources } from '@orchestrator/shared/boot/resources.ts';
import { createBudgetUpkeep } from './budget-upkeep.ts';
import { createIssueWatcher } from './dashboard-issue/watch-issues.ts';
import { createLeader } from './leader.ts';
import { createMilestones } from './milestones.ts';
import { createPullWatcher } from './pull-requests/watch-pulls.ts';
import { createRelay } from './relay.ts';
import { createRetention } from './retention.ts';
import { createSweeper } from './sweeper.ts';
import { createStatusWriter } from './task-status/watch-status.ts';

/**
 * What goes on whether or not tasks are admitted. Any number of processes may run it: relays share the outbox, and the
 * rest is done by the one that leads.
 */
export function createBackground(
  resources: Pick<Resources, 'db' | 'databaseUrl' | 'transport' | 'ledger' | 'log' | 'env' | 'repositories'>,
): Component[] {
  const { db, databaseUrl, transport, ledger, log, env, repositories } = resources;
  const leader = createLeader({ databaseUrl, log });
  return [
    leader,
    createRelay({ databaseUrl, transport, log }),
    createSweeper({ db, transport, log, leader }),
    createBudgetUpkeep({ db, ledger, log, leader }),
    createPullWatcher({ db, env, repositories, log, leader }),
    createIssueWatcher({ db, env, repositories, log, leader }),
    createStatusWriter({ db, env, repositories, log, leader }),
    createMilestones({ db, log, leader }),
    createRetention({ db, log, leader, days: env.ORCHESTRATOR_RETENTION_DAYS }),
  ];
}
