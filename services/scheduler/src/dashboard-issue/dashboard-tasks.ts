import { CHARGED_TO_TASK } from '@orchestrator/shared/budget/charged-sql.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { isActive, type TaskState, taskStates, wantsRun } from '../admission/candidates.ts';

export const WISHES = ['retry', 'approve', 'skip'] as const;
export type Wish = (typeof WISHES)[number];

/** A task as the dashboard issue shows it. */
export interface DashboardTask {
  readonly key: string;
  readonly title: string;
  readonly group: 'working' | 'review' | 'person' | 'waiting' | 'ended';
  /** A few words. */
  readonly state: string;
  /** Of all its runs. */
  readonly spentNanoUsd: bigint;
  /** Of its latest pull request. */
  readonly pullNumber: number | null;
  /** What people may ask for. */
  readonly wishes: readonly Wish[];
}

interface Facts {
  readonly id: string;
  readonly endCode: string | null;
  readonly spent: bigint;
  readonly pullNumber: number | null;
}

/** The tasks of a repository, in the order in which they are to be done. Those that are gone are left out. */
export async function dashboardTasks(db: Database, repositoryId: string): Promise<DashboardTask[]> {
  const [tasks, facts] = await Promise.all([taskStates(db, repositoryId), factsOf(db, repositoryId)]);
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  return tasks
    .filter(({ status }) => status !== 'removed')
    .map((task) => {
      const { endCode = null, spent = 0n, pullNumber = null } = byId.get(task.id) ?? {};
      const { key, title } = task;
      return { key, title, ...shownState(task, endCode), spentNanoUsd: spent, pullNumber };
    });
}

function shownState(task: TaskState, endCode: string | null): Pick<DashboardTask, 'group' | 'state' | 'wishes'> {
  const { runState } = task;
  if (isActive(task)) return { group: 'working', state: String(runState), wishes: [] };
  if (task.status === 'done') return { group: 'ended', state: 'done', wishes: [] };
  if (wantsRun(task)) {
    if (task.mistaken) return { group: 'person', state: 'has a mistake in the task file', wishes: [] };
    if (task.skipped) return { group: 'ended', state: 'skipped', wishes: ['approve'] };
    if (task.status === 'blocked') return { group: 'person', state: 'blocked', wishes: ['approve'] };
    return { group: 'waiting', state: 'waiting for its turn', wishes: ['skip'] };
  }
  if (runState === 'in_review') return { group: 'review', state: 'in review', wishes: [] };
  if (runState === 'merged') return { group: 'ended', state: 'merged', wishes: [] };
  const state = endCode === null ? String(runState) : `${runState}, ${endCode}`;
  return { group: runState === 'failed' ? 'person' : 'ended', state, wishes: ['retry'] };
}

const factsOf = (db: Database, repositoryId: string): Promise<Facts[]> =>
  db.$queryRaw`
    SELECT t.id,
      (SELECT r.end_code FROM run r WHERE r.task_id = t.id ORDER BY r.task_revision DESC, r.number DESC LIMIT 1) AS "endCode",
      ${CHARGED_TO_TASK} AS spent,
      (SELECT max(p.number) FROM run r JOIN pull_request p ON p.run_id = r.id WHERE r.task_id = t.id) AS "pullNumber"
    FROM task t WHERE t.repository_id = ${repositoryId}::uuid`;
