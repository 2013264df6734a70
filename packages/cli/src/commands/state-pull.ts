import { z } from 'zod';
import { BRANCH_OPTION, BranchName, openState } from '../actions/open-branch.ts';
import { defineCommand, REPO_OPTION } from '../command.ts';

export default defineCommand({
  name: 'state pull',
  summary: 'make the database below ORCHESTRATOR_HOME a copy of the state branch',
  description:
    'For stats, budget, logs and whatever else looks at it; and for budget thaw, retry, cancel and others that change it, before state push.',
  options: [REPO_OPTION, BRANCH_OPTION, { flags: '--replace', description: 'throw away the database that is there' }],
  input: z.object({
    repo: z.string().default('.'),
    branch: BranchName,
    replace: z.boolean().default(false),
  }),
  examples: [
    [
      'orchestrator state pull --repo https://github.com/you/your-repository.git --home ./actions',
      'into a home of its own',
    ],
  ],
  logs: 'query',
  async run(context, { repo, branch: name, replace }) {
    const { branch, state } = await openState(context, repo, name);
    const { restore } = await import('../actions/restore.ts');
    const system = await restore(context, { branch, state, replace, ofRun: false });
    await system.close();
    const { generation, writtenAt, hold } = state.ledger;
    return {
      data: { branch: name, commit: state.commit, generation, writtenAt, home: context.env.ORCHESTRATOR_HOME },
      render: () =>
        [
          `State ${generation} of ${branch.url} is in ${context.env.ORCHESTRATOR_HOME}.`,
          hold === null
            ? ''
            : `A run is at work with it (${hold.by}): what you change can only be pushed before it writes again.`,
        ]
          .filter(Boolean)
          .join('\n'),
    };
  },
});
