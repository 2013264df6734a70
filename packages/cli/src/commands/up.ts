import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { coarse, count } from '../show/words.ts';

export default defineCommand({
  name: 'up',
  summary: 'work on all repositories, each at the cadence of its budget, until stopped',
  description:
    'Looks for tasks as often as the current phase of the budget says. Ctrl+C ends it; what is in work goes on at the next start. Serves the HTTP API and, at /queues, the queue dashboard at ORCHESTRATOR_API_ADDRESS.',
  options: [
    {
      flags: '--repo <dir|url>',
      description: 'add this repository first (default: this folder, if it is a git repository)',
    },
  ],
  input: z.object({ repo: z.string().optional() }),
  examples: [
    ['orchestrator up', 'the repository in this folder, and those added before'],
    ['orchestrator up --repo ../my-plugin', 'one more repository'],
  ],
  logs: 'service',
  async run(context, { repo }) {
    // Loaded only now: it brings every service with it.
    const { serve } = await import('../run/serve.ts');
    const served = await serve(context, repo);
    return {
      data: { ...served },
      exitCode: 0,
      render: () =>
        `Stopped after ${coarse(served.wallMs)} and ${count(served.runs, 'run')} of ${served.repositories.join(', ')}.`,
    };
  },
});
