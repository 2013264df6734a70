import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { Scope } from '@orchestrator/shared/pipeline/control/pause.ts';
import { QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';
import type { CommandContext, OptionDefinition } from './command.ts';
import { repositoryOf } from './repository-of.ts';
import { runOf } from './run-of.ts';

/** What pause and resume are about: exactly one of these. */
export const SCOPE_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--all', description: 'everything' },
  { flags: '--queue <name>', description: `one queue: ${QUEUES.join(', ')}` },
  { flags: '--repo <dir|url>', description: 'one repository; with --task, where the task is' },
  { flags: '--task <id>', description: 'the latest run of a task, or a run by its id' },
  { flags: '--reason <text>', description: 'why, for the record' },
];

export const ScopeInput = z
  .object({
    all: z.boolean().optional(),
    queue: z.enum(QUEUES, `must be one of ${QUEUES.join(', ')}`).optional(),
    repo: z.string().optional(),
    task: z.string().optional(),
    reason: z.string().optional(),
  })
  .refine(
    ({ all, queue, repo, task }) => [all, queue, task ?? repo].filter((given) => given !== undefined).length === 1,
    'Say what is meant: --all, --queue <name>, --repo <dir|url> or --task <id>.',
  );

export interface NamedScope {
  readonly scope: Scope;
  /** As people call it. */
  readonly name: string;
}

/** Throws TASK_UNKNOWN, USAGE, REPO_NOT_FOUND. */
export async function scopeOf(context: CommandContext, input: z.infer<typeof ScopeInput>): Promise<NamedScope> {
  const { all, queue, repo, task } = input;
  if (all) return { scope: { kind: 'system' }, name: 'Everything' };
  if (queue !== undefined) return { scope: { kind: 'queue', queue }, name: `The queue ${queue}` };
  if (task !== undefined) {
    const run = await runOf(context, task, repo);
    return { scope: { kind: 'run', runId: run.id }, name: `The run of ${run.taskKey}` };
  }
  if (repo === undefined) throw new AppError('USAGE', { message: 'Say what is meant.' });
  const repository = await repositoryOf(context, repo);
  return { scope: { kind: 'repository', repositoryId: repository.id }, name: `The repository ${repository.name}` };
}
