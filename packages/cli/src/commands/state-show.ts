import { z } from 'zod';
import { BRANCH_OPTION, BranchName, openState } from '../actions/open-branch.ts';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { count, instant, plainText } from '../show/words.ts';

export default defineCommand({
  name: 'state show',
  summary: 'show what the state branch holds: who works with it, what is spent, when something is due',
  options: [REPO_OPTION, BRANCH_OPTION],
  input: z.object({ repo: z.string().default('.'), branch: BranchName }),
  examples: [['orchestrator state show --repo https://github.com/you/your-repository.git', 'as it is now']],
  logs: 'query',
  async run(context, { repo, branch: name }) {
    const { branch, state } = await openState(context, repo, name);
    const { generation, writtenAt, version, hold, wakeAt, budget, open, database } = state.ledger;
    const rows = database?.tables.reduce((sum, table) => sum + table.rows, 0) ?? 0;
    return {
      data: { branch: name, commit: state.commit, generation, writtenAt, version, hold, wakeAt, budget, open, rows },
      render: () =>
        [
          `${name} of ${branch.url}: written ${generation} times, last at ${instant(new Date(writtenAt))} by version ${version}; ${count(rows, 'row')}.`,
          hold === null
            ? 'Nobody is at work.'
            : `At work: ${plainText(hold.by)}, since ${instant(new Date(hold.since))}; others take over after ${instant(new Date(hold.until))}.`,
          `Due: ${wakeAt === null ? 'at the next wake-up' : instant(new Date(wakeAt))}.`,
          budget === null
            ? 'The budget has not begun.'
            : `Phase ${String(budget.phase)}: $${String(budget.spent_usd)} of $${String(budget.limit_usd)} spent, $${String(budget.reserved_usd)} in flight.`,
          open.length === 0
            ? ''
            : `${count(open.length, 'reservation')} without an end; what does not end counts as spent.`,
        ]
          .filter(Boolean)
          .join('\n'),
    };
  },
});
