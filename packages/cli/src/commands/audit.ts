import { audit } from '@orchestrator/shared/budget/audit.ts';
import { ERRORS } from '@orchestrator/shared/errors/errors.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { table } from '../show/table.ts';
import { count } from '../show/words.ts';

export default defineCommand({
  name: 'audit',
  summary: 'recompute every invariant of the ledger from its entries',
  description: 'Reads only. Ends with 5 if anything differs.',
  input: z.object({}),
  examples: [['orchestrator audit --json', 'for a monitor']],
  logs: 'query',
  async run(context) {
    const { db } = await context.system();
    const { windows, entries, problems } = await audit(db);
    const looked = `${count(windows, 'window')} and ${count(entries, 'entry', 'entries')}`;
    return {
      data: { ok: problems.length === 0, windows, entries, problems },
      exitCode: problems.length === 0 ? 0 : ERRORS.BUDGET_AUDIT.exit,
      render: (view) =>
        problems.length === 0
          ? `${view.paint('green', 'ok')}: every invariant holds over ${looked}.`
          : [
              view.paint('red', `${count(problems.length, 'difference')} over ${looked}. ${ERRORS.BUDGET_AUDIT.next}`),
              table(
                [
                  { title: 'Invariant', flexible: true },
                  { title: 'Where', flexible: true },
                  { title: 'What', flexible: true },
                ],
                problems.map(({ invariant, subject, problem }) => [invariant, subject, problem]),
                view,
              ),
            ].join('\n\n'),
    };
  },
});
