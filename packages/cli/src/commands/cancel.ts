import { services } from '@orchestrator/embedded/services.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { repositoryOf } from '../repository-of.ts';

export default defineCommand({
  name: 'cancel',
  summary: 'stop the run of a task',
  description:
    'A stage in progress is aborted within seconds; what it has cost until then stays spent. The run of another process is stopped too.',
  arguments: [{ name: '<task>', description: 'id of the task, or of the run' }],
  options: [REPO_OPTION],
  input: z.object({ task: z.string(), repo: z.string().optional() }),
  examples: [
    ['orchestrator cancel events_async_001', 'take it up again later with: orchestrator retry events_async_001'],
  ],
  logs: 'query',
  async run(context, { task, repo }) {
    const { db } = await context.system();
    const isRunId = z.uuid().safeParse(task).success;
    const where = isRunId
      ? { id: task }
      : { task: { key: task, repositoryId: (await repositoryOf(context, repo)).id } };
    const found = await db.run.findFirst({
      where,
      orderBy: { createdAt: 'desc' },
      select: { id: true, state: true, task: { select: { key: true } } },
    });
    if (found === null) throw new AppError('TASK_UNKNOWN', { task });
    const { cancelRun } = await services.scheduler();
    const stopping = await cancelRun(db, found.id);
    const ended = (SETTLED_STATES as readonly string[]).includes(found.state);
    const text = stopping
      ? `The run of ${found.task.key} is being stopped.`
      : ended
        ? `The run of ${found.task.key} has ended already: ${found.state}.`
        : `The run of ${found.task.key} is being stopped already.`;
    return { data: { run: found.id, task: found.task.key, stopping, state: found.state }, render: () => text };
  },
});
