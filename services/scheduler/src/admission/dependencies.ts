import { isActive, type TaskState } from './candidates.ts';

/** Why a task has to wait for others; null: everything that it depends on is published or merged. */
export function waitsFor(task: TaskState, byKey: ReadonlyMap<string, TaskState>): string | null {
  const reasons = task.dependsOn.flatMap((key) => {
    const dependency = byKey.get(key);
    const reason = dependency ? whyUnmet(dependency) : 'is not among the tasks that can be read from the task file';
    return reason === null ? [] : [`"${key}", which ${reason}`];
  });
  return reasons.length === 0 ? null : `It depends on ${reasons.join(' and ')}.`;
}

/** Published or merged, or ticked off by a person. */
export const isMet = (dependency: TaskState | undefined): boolean =>
  dependency?.status === 'done' || dependency?.runState === 'in_review' || dependency?.runState === 'merged';

function whyUnmet(dependency: TaskState): string | null {
  const { runState, status } = dependency;
  if (isMet(dependency)) return null;
  if (status === 'removed') return 'was removed from the task file';
  if (isActive(dependency)) return 'is being worked on';
  if (runState === null) return status === 'blocked' ? 'is blocked' : 'has not started';
  const next = `; another try: orchestrator run --task ${dependency.key}`;
  return runState === 'cancelled'
    ? `was cancelled${next}`
    : runState === 'rejected'
      ? `did not pass${next}`
      : `failed${next}`;
}
