import { readQueues } from '@orchestrator/shared/pipeline/control/queues.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { table } from '../show/table.ts';
import { coarse } from '../show/words.ts';

export default defineCommand({
  name: 'queues',
  summary: 'show what waits, runs and is given up in each queue, and who works there',
  description:
    'Read from the database, which is how it is, whatever the queue holds. Dead stages are started again with replay.',
  input: z.object({}),
  examples: [['orchestrator queues --json', 'for a monitor']],
  logs: 'query',
  async run(context) {
    const { db } = await context.system();
    const queues = await readQueues(db);
    const right = (title: string) => ({ title, align: 'right' as const });
    return {
      data: { queues },
      render: (view) =>
        table(
          [
            { title: 'Queue' },
            right('Ready'),
            right('Waiting'),
            right('Running'),
            right('Dead'),
            right('Oldest'),
            right('Workers'),
            { title: 'State' },
          ],
          queues.map((row) => [
            row.queue,
            String(row.ready),
            String(row.waiting),
            String(row.running),
            row.dead > 0 ? view.paint('red', String(row.dead)) : '0',
            row.oldestReadySeconds === null ? '-' : coarse(row.oldestReadySeconds * 1_000),
            `${row.workers} (${row.slots})`,
            row.paused ? view.paint('yellow', 'paused') : 'open',
          ]),
          view,
        ),
    };
  },
});
