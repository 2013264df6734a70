import { services } from '@orchestrator/embedded/services.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { repositoryOf } from '../repository-of.ts';

export default defineCommand({
  name: 'retry',
  summary: 'ask for another run of a task that has been worked on',
  arguments: [{ name: '<task>', description: 'id of the task' }],
  options: [REPO_OPTION],
  input: z.object({ task: z.string(), repo: z.string().optional() }),
  examples: [['orchestrator retry events_async_001', 'then: orchestrator run --task events_async_001']],
  logs: 'query',
  async run(context, { task, repo }) {
    const repository = await repositoryOf(context, repo);
    const { db } = await context.system();
    const { retryTask } = await services.scheduler();
    const result = await retryTask(db, { repositoryId: repository.id, taskKey: task });
    const text =
      result === 'first'
        ? `Task ${task} has not been worked on yet; nothing had to be asked for.`
        : `Task ${task} gets another run.`;
    return {
      data: { repository: repository.url, task, result },
      render: () => `${text} Start it with: orchestrator run --task ${task}, or leave it to: orchestrator up`,
    };
  },
});
