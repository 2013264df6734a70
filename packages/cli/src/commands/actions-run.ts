import { appendFileSync } from 'node:fs';
import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';
import { z } from 'zod';
import { BRANCH_OPTION, BranchName } from '../actions/open-branch.ts';
import { defineCommand } from '../command.ts';
import { toAppError } from '../report-error.ts';

export default defineCommand({
  name: 'actions run',
  summary: 'what a wake-up of GitHub Actions does: look whether something is due, work, and keep the state',
  description:
    'Started every 30 minutes, it works as often as the current phase of the budget says. Without DATABASE_URL the state is kept on a branch of the repository: every reservation is there before its request is sent. See docs/github.md.',
  options: [
    { flags: '--repo <dir|url>', description: 'the repository to work on, which has the state branch too' },
    BRANCH_OPTION,
    { flags: '--by <text>', description: 'address of this run, for those who find it at work' },
    { flags: '--begin', description: 'make the state branch where there is none: the budget begins' },
    { flags: '--now', description: 'work, whether it is due or not' },
    { flags: '--task <id>', description: 'only this task; implies --now' },
    { flags: '--dry-run', description: 'ask no model, start nothing and write nothing; show what would run' },
    { flags: '--minutes <n>', description: 'begin nothing new after so many minutes, and stop (default: no limit)' },
    { flags: '--summary <file>', description: 'append a summary in Markdown: GITHUB_STEP_SUMMARY' },
    { flags: '--output <file>', description: 'append name=value lines: GITHUB_OUTPUT' },
  ],
  input: z.object({
    repo: z.string(),
    branch: BranchName,
    by: z.string().default('a run by hand'),
    begin: z.boolean().default(false),
    now: z.boolean().default(false),
    task: z.string().optional(),
    dryRun: z.boolean().default(false),
    minutes: z.coerce.number().positive('must be more than 0').max(1_000_000).optional(),
    summary: z.string().optional(),
    output: z.string().optional(),
  }),
  examples: [
    ['orchestrator actions run --repo https://github.com/you/your-repository.git', 'as the action does'],
    ['orchestrator actions run --repo https://github.com/you/your-repository.git --dry-run', 'what it would do'],
  ],
  logs: 'work',
  async run(context, { summary, output, ...asked }) {
    const say = (markdown: string, outputs: Readonly<Record<string, string>>): void => {
      if (summary !== undefined) appendFileSync(summary, maskSecrets(markdown));
      const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
      if (output !== undefined) appendFileSync(output, lines.join(''));
    };
    // Loaded only now: it brings every service with it.
    const { wake } = await import('../actions/wake.ts');
    const woken = await wake(context, asked).catch((error: unknown) => {
      const { code, message, next } = toAppError(error);
      say(`### AI Orchestrator: ${code}\n\n${code === 'INTERNAL' ? 'See the log.' : `${message}\n\n${next}`}\n`, {
        result: 'failed',
      });
      throw error;
    });
    try {
      say(woken.markdown, woken.outputs);
      return woken.result;
    } finally {
      await woken.close();
    }
  },
});
