import { isActive, type TaskState, wantsRun } from '../admission/candidates.ts';
import { isMet, waitsFor } from '../admission/dependencies.ts';

export interface Decision {
  /**
   * start: as soon as money and cadence allow. after: when tasks that start before it are published. wait: it depends on
   * something that will not happen by itself. active: it is being worked on. finished: its text was worked on.
   */
  readonly decision: 'start' | 'after' | 'wait' | 'blocked' | 'active' | 'finished';
  /** A sentence. */
  readonly reason: string;
  /** Tasks that start before it and have to be published first. */
  readonly after: readonly string[];
}

/** What would become of each task, money and cadence apart. */
export function decide(tasks: readonly TaskState[]): Map<string, Decision> {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const decided = new Map<string, Decision>();
  const open: TaskState[] = [];
  for (const task of tasks) {
    const decision = settled(task);
    if (decision) decided.set(task.key, decision);
    else open.push(task);
  }
  // A task can follow if all that it waits for will run: those who cannot are taken out until nothing changes.
  const stuck = stuckTasks(open, byKey, decided);
  for (const task of open) {
    const after = task.dependsOn.filter((key) => !isMet(byKey.get(key)));
    const waiting = waitsFor(task, byKey) ?? '';
    if (after.length === 0)
      decided.set(task.key, { decision: 'start', reason: 'Nothing holds it up but money and cadence.', after });
    else if (stuck.has(task.key)) decided.set(task.key, { decision: 'wait', reason: waiting, after: [] });
    else
      decided.set(task.key, {
        decision: 'after',
        reason: waiting,
        after: after.filter((key) => !isActiveNow(byKey.get(key))),
      });
  }
  return decided;
}

function settled(task: TaskState): Decision | null {
  const say = (decision: Decision['decision'], reason: string): Decision => ({ decision, reason, after: [] });
  if (task.status === 'done') return say('finished', 'Its box is ticked.');
  if (!wantsRun(task)) {
    return isActive(task)
      ? say('active', `Its run is ${task.runState}.`)
      : say(
          'finished',
          `Its run is ${task.runState === 'in_review' ? 'in review' : task.runState}; edit its text, or ask for another run.`,
        );
  }
  return task.status === 'blocked' ? say('blocked', 'It is blocked in the task file.') : null;
}

const isActiveNow = (task: TaskState | undefined): boolean => task !== undefined && isActive(task) && !wantsRun(task);

/** Tasks that wait, directly or not, for something that neither runs nor will. */
function stuckTasks(
  open: readonly TaskState[],
  byKey: ReadonlyMap<string, TaskState>,
  decided: ReadonlyMap<string, Decision>,
): Set<string> {
  const stuck = new Set<string>();
  const dependents = new Map<string, string[]>();
  const spread: string[] = [];
  const mark = (key: string) => {
    if (stuck.has(key)) return;
    stuck.add(key);
    spread.push(key);
  };
  for (const { key, dependsOn } of open) {
    for (const dependency of dependsOn) {
      if (isMet(byKey.get(dependency))) continue;
      const kind = decided.get(dependency)?.decision;
      if (!byKey.has(dependency) || (kind !== undefined && kind !== 'active')) mark(key);
      const waiting = dependents.get(dependency);
      if (waiting) waiting.push(key);
      else dependents.set(dependency, [key]);
    }
  }
  for (let key = spread.pop(); key !== undefined; key = spread.pop())
    for (const next of dependents.get(key) ?? []) mark(next);
  return stuck;
}
