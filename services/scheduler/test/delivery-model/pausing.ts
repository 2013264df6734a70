import type { QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import type { DeliveryModel, ModelRun } from './model.ts';

/** What of the model a pause is about. */
export interface Which {
  readonly queue: (typeof QUEUES)[number];
  readonly repository: number;
  readonly run: number;
}

export async function isPaused(
  model: DeliveryModel,
  kind: string,
  { queue, repository, run }: Which,
): Promise<boolean> {
  if (kind === 'system') return model.systemPaused;
  if (kind === 'queue') return model.pausedQueues.has(queue);
  if (kind === 'repository') return model.pausedRepositories.has(repository);
  return model.runs[run]?.paused ?? false;
}

export function setPaused(
  model: DeliveryModel,
  kind: string,
  { queue, repository, run }: Which,
  paused: boolean,
): void {
  if (kind === 'system') model.systemPaused = paused;
  else if (kind === 'run') (model.runs[run] as ModelRun).paused = paused;
  else if (kind === 'queue') model.pausedQueues[paused ? 'add' : 'delete'](queue);
  else model.pausedRepositories[paused ? 'add' : 'delete'](repository);
}
