import { PRIORITY_RANGE, setPriority } from '@orchestrator/shared/pipeline/control/priority.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { actorOf, runOf } from '../run-of.ts';

/** The words of the task file. */
const WORDS = { low: 0, medium: 1, high: 2 } as const;
const { least, most } = PRIORITY_RANGE;

export default defineCommand({
  name: 'priority',
  summary: 'let the run of a task go before others, or after them',
  description:
    'Each step is a head start of half an hour: a run of priority 2 goes before those of priority 0 that are up to an hour older. It counts at once for what waits; what a worker has taken is not affected. The task file is not changed.',
  arguments: [
    { name: '<task>', description: 'id of the task, or of the run' },
    { name: '<priority>', description: `low, medium or high, or a whole number from ${least} to ${most}` },
  ],
  options: [REPO_OPTION],
  input: z.object({
    task: z.string(),
    priority: z.union(
      [
        z.enum(['low', 'medium', 'high']).transform((word) => WORDS[word]),
        z.coerce.number().int().min(least).max(most),
      ],
      `must be low, medium, high or a whole number from ${least} to ${most}`,
    ),
    repo: z.string().optional(),
  }),
  examples: [['orchestrator priority events_async_001 high', 'ahead of what is up to an hour older']],
  logs: 'query',
  async run(context, { task, priority, repo }) {
    const { db } = await context.system();
    const found = await runOf(context, task, repo);
    const changed = await setPriority(db, found.id, priority, { actor: actorOf() });
    return {
      data: { run: found.id, task: found.taskKey, priority, changed },
      render: () =>
        changed
          ? `The run of ${found.taskKey} has priority ${priority}.`
          : `The run of ${found.taskKey} has ended: ${found.state}.`,
    };
  },
});
