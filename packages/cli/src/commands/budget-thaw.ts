import { wakeWaiting } from '@orchestrator/embedded/wake-waiting.ts';
import { GLOBAL_BUDGET } from '@orchestrator/shared/budget/budget-ids.ts';
import { thaw } from '@orchestrator/shared/budget/freeze.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { count } from '../show/words.ts';

export default defineCommand({
  name: 'budget thaw',
  summary: 'let a frozen budget spend again, after you have looked at what froze it',
  description:
    'For freezes by a call that cost more than its bound, by an answer that was not as priced, and by the audit. What froze it stays on record. A limit that was lowered below what is spent is raised in the configuration.',
  options: [
    { flags: '--budget <id>', description: 'another than the global one, as `orchestrator budget --all` names it' },
  ],
  input: z.object({ budget: z.string().default(GLOBAL_BUDGET) }),
  examples: [['orchestrator budget thaw', 'then tasks that wait for it go on']],
  logs: 'query',
  async run(context, { budget }) {
    const { db } = await context.system();
    const windows = await thaw(db, budget);
    const woken = windows > 0 ? await wakeWaiting(db) : 0;
    return {
      data: { budget, windows, woken },
      render: () =>
        windows === 0
          ? `The budget "${budget}" has no window that a call or the audit has frozen.`
          : `${count(windows, 'window')} of "${budget}" may be spent from again; ${count(woken, 'stage')} that waited go on.`,
    };
  },
});
