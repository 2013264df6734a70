import { retryNow } from '@orchestrator/shared/pipeline/control/retry-now.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { repositoryOf } from '../repository-of.ts';
import { actorOf, runOf } from '../run-of.ts';
import { count } from '../show/words.ts';

const REASONS = ['budget', 'rate_limit', 'sandbox', 'configuration', 'retry'] as const;

export default defineCommand({
  name: 'wake',
  summary: 'let stages that wait look again at once: those of a task, or all',
  description:
    'After you have put right what they wait for, such as a key, the sandbox, or a limit of the budget. What is still wrong sends them back; nothing is counted as an error.',
  arguments: [{ name: '[task]', description: 'id of the task, or of the run (default: all that wait)' }],
  options: [
    { flags: '--reason <reason>', description: `only what waits for this: ${REASONS.join(', ')}` },
    REPO_OPTION,
  ],
  input: z.object({
    task: z.string().optional(),
    reason: z.enum(REASONS, `must be one of ${REASONS.join(', ')}`).optional(),
    repo: z.string().optional(),
  }),
  examples: [
    ['orchestrator wake', 'after the machine was put right'],
    ['orchestrator wake --reason rate_limit', 'after a vendor raised its limit'],
  ],
  logs: 'query',
  async run(context, { task, reason, repo }) {
    const { db } = await context.system();
    const run = task === undefined ? undefined : await runOf(context, task, repo);
    const repository = repo === undefined || run ? undefined : await repositoryOf(context, repo);
    const filter = { runId: run?.id, repositoryId: repository?.id, parkedReason: reason ? [reason] : undefined };
    const woken = await retryNow(db, filter, { actor: actorOf() });
    return {
      data: { woken },
      render: () => `${count(woken, 'stage')} that waited ${woken === 1 ? 'looks' : 'look'} again.`,
    };
  },
});
