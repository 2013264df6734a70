import { cancelRun } from '@orchestrator/shared/pipeline/control/cancel.ts';
import { SETTLED_STATES } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { actorOf, runOf } from '../run-of.ts';

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
    const found = await runOf(context, task, repo);
    const stopping = await cancelRun(db, found.id, { actor: actorOf() });
    const ended = SETTLED_STATES.includes(found.state);
    const text = stopping
      ? `The run of ${found.taskKey} is being stopped.`
      : ended
        ? `The run of ${found.taskKey} has ended already: ${found.state}.`
        : `The run of ${found.taskKey} is being stopped already.`;
    return { data: { run: found.id, task: found.taskKey, stopping, state: found.state }, render: () => text };
  },
});
