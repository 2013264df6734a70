import type { NanoUsd } from '@orchestrator/shared/budget/money.ts';
import { budgetNow } from '@orchestrator/shared/budget/phases.ts';
import type { TaskCost } from '@orchestrator/shared/budget/task-cost.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { currentTaskCost } from '../admission/affordable.ts';
import { readTasksAt, tasksInvalid } from '../intake/sync-tasks.ts';
import type { ParsedTask } from '../task-file/parsed-task.ts';
import type { Problem } from '../task-file/problem.ts';
import { type BaselineState, baselineState } from './baseline-state.ts';
import { type Decision, decide } from './decide.ts';
import { expectedPlan, freeNow } from './expected-budget.ts';
import { expectedStates } from './expected-states.ts';
import { forecastStarts } from './forecast.ts';

/** What the analyzer would be shown. Its service's `selectContext` gives this, and more. */
export interface PreviewContext {
  readonly files: readonly {
    readonly path: string;
    readonly tokens: number;
    readonly whole: boolean;
    readonly reason: string;
  }[];
  readonly tokens: number;
  readonly notes: readonly string[];
}
export type SelectContext = (input: {
  mirror: Mirror;
  commit: string;
  task: TaskView;
  config: OrchestratorConfig;
}) => Promise<PreviewContext>;

export interface PreviewedTask extends Decision {
  readonly key: string;
  readonly title: string;
  readonly priority: ParsedTask['priority'];
  readonly line: number;
  readonly dependsOn: readonly string[];
  /** Place among the tasks that would start, from 1. */
  readonly order: number | null;
  /** When the budget and the cadence would let it start; null: not as things stand. */
  readonly startsAt: Date | null;
  /** By what such calls cost lately; the worst case where none is on record. */
  readonly estimatedNanoUsd: NanoUsd;
  /** Nothing can make the planned calls cost more. */
  readonly worstNanoUsd: NanoUsd;
  /** null: not looked at. */
  readonly context: PreviewContext | null;
}

export interface Preview {
  readonly branch: string;
  readonly commit: string;
  readonly file: string;
  readonly problems: readonly Problem[];
  /** In the order of admission. */
  readonly tasks: readonly PreviewedTask[];
  readonly cost: TaskCost;
  readonly baseline: BaselineState | null;
  readonly now: Date;
}

export interface PreviewOptions {
  readonly db: Database;
  readonly mirror: Mirror;
  readonly repository: { readonly url: string };
  readonly config: OrchestratorConfig;
  readonly selectContext: SelectContext;
  /** Contexts of so many tasks are looked up, from the first. Default 20. */
  readonly contexts?: number | undefined;
  /** Only this task. Throws TASK_UNKNOWN. */
  readonly only?: string | undefined;
}

/**
 * What `run` would do with the task file at the head of the branch, without a model call and without writing anything.
 * Throws TASKS_NOT_FOUND, TASKS_EMPTY, TASKS_INVALID, TASK_UNKNOWN, MODEL_*, REPO_*.
 */
export async function preview(options: PreviewOptions): Promise<Preview> {
  const { db, mirror, repository, config, only } = options;
  const { branch, commit } = await mirror.head(config.repository.branch);
  const { file, parsed } = await readTasksAt(mirror, commit, config.tasks.file, repository.url);
  if (parsed.tasks.length === 0)
    throw parsed.problems.length > 0 ? tasksInvalid(file, parsed.problems) : new AppError('TASKS_EMPTY', { file });
  const row = await db.repository.findUnique({ where: { url: repository.url }, select: { id: true } });
  const now = await budgetNow(db);
  const cost = await currentTaskCost(db, config);
  const expected = await expectedStates(db, row?.id ?? null, parsed.tasks);
  const decisions = decide(expected.map(({ state }) => state));
  const starts = forecastStarts({
    plan: await expectedPlan(db, config, now),
    now,
    freeNanoUsd: await freeNow(db, cost.predictedNanoUsd),
    cost,
    tasksPerTick: config.pipeline.tasksPerTick,
    tasks: expected.flatMap(({ state: { key } }) => {
      const decision = decisions.get(key);
      return decision?.decision === 'start' || decision?.decision === 'after' ? [{ key, after: decision.after }] : [];
    }),
  });
  const order = [...starts].sort(([, a], [, b]) => a.getTime() - b.getTime()).map(([key]) => key);
  const shown = only === undefined ? expected : expected.filter(({ parsed: { key } }) => key === only);
  if (shown.length === 0) throw new AppError('TASK_UNKNOWN', { task: only });

  const placeOf = new Map(order.map((key, index) => [key, index + 1]));
  const contextOf = await contextsOf(options, commit, only === undefined ? order : [only], parsed.tasks);
  const tasks = shown.map(({ parsed: { key, title, priority, line, dependsOn, budgetNanoUsd } }): PreviewedTask => {
    const capped = (amount: NanoUsd) => (budgetNanoUsd !== null && budgetNanoUsd < amount ? budgetNanoUsd : amount);
    return {
      ...{ key, title, priority, line, dependsOn },
      ...(decisions.get(key) as Decision),
      order: placeOf.get(key) ?? null,
      startsAt: starts.get(key) ?? null,
      estimatedNanoUsd: capped(cost.predictedNanoUsd),
      worstNanoUsd: capped(cost.worstNanoUsd),
      context: contextOf.get(key) ?? null,
    };
  });
  const baseline = row === null ? null : await baselineState(db, row.id, commit);
  return { branch, commit, file, problems: parsed.problems, tasks, cost, baseline, now };
}

async function contextsOf(
  { mirror, config, selectContext, contexts = 20 }: PreviewOptions,
  commit: string,
  keys: readonly string[],
  tasks: readonly ParsedTask[],
): Promise<Map<string, PreviewContext>> {
  const taskOf = new Map(tasks.map((task) => [task.key, task]));
  const found = new Map<string, PreviewContext>();
  for (const key of keys.slice(0, contexts)) {
    const task = taskOf.get(key);
    if (task) found.set(key, await selectContext({ mirror, commit, task: { id: key, ...task }, config }));
  }
  return found;
}
