import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { dryRun } from '../run/dry-run.ts';
import { requireKeys } from '../run/require-keys.ts';
import { exitCodeOf, renderRun, runData } from '../run/run-report.ts';
import { openTarget } from '../target.ts';

export default defineCommand({
  name: 'run',
  summary: 'work on the tasks of a repository until no more can be started',
  description:
    'Reads the task file at the head of the default branch, starts the best tasks that can be paid for, and works until nothing is left to do. ' +
    'Your checkout is not touched: changes land on branches of their own. What is interrupted goes on at the next start.',
  options: [
    REPO_OPTION,
    { flags: '--once', description: 'a single tick: start what one tick may, and end when that has ended' },
    { flags: '--dry-run', description: 'ask no model and start nothing; show what would run, when, and at what cost' },
    { flags: '--task <id>', description: 'only this task' },
  ],
  input: z.object({
    repo: z.string().optional(),
    once: z.boolean().default(false),
    dryRun: z.boolean().default(false),
    task: z.string().optional(),
  }),
  examples: [
    ['orchestrator run', 'the repository in this folder'],
    ['orchestrator run --repo ../my-plugin --once', 'one tick'],
    ['orchestrator run --dry-run', 'what it would do and cost'],
    ['orchestrator run --task events_async_001 --json', 'one task, for scripts'],
  ],
  logs: 'work',
  async run(context, { repo, once, dryRun: dry, task }) {
    const target = await openTarget(context, repo);
    if (dry) return dryRun(context, target, task);
    requireKeys(context.env, target.loaded.config);
    // Loaded only now: it brings every service with it.
    const { execute } = await import('../run/execute.ts');
    const report = await execute(context, { target, task, maxTicks: once ? 1 : undefined });
    return {
      data: runData(report),
      render: (view) => renderRun(report, view),
      exitCode: context.signal.aborted ? 130 : exitCodeOf(report, task),
    };
  },
});
