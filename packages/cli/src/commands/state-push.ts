import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { dumpDatabase } from '@orchestrator/shared/state/dump.ts';
import { heldByAnother } from '@orchestrator/shared/state/held-state.ts';
import { readForPeople } from '@orchestrator/shared/state/read-for-people.ts';
import { filesOf, messageOf, nextState, readState } from '@orchestrator/shared/state/state-commit.ts';
import { z } from 'zod';
import { readLocalCopy, writeLocalCopy } from '../actions/local-copy.ts';
import { BRANCH_OPTION, BranchName, openBranch } from '../actions/open-branch.ts';
import { defineCommand, REPO_OPTION } from '../command.ts';

export default defineCommand({
  name: 'state push',
  summary: 'bring the database below ORCHESTRATOR_HOME back to the state branch',
  description:
    'Only where the branch is as it was pulled, and nobody is at work. With --begin the branch must not exist: runs in GitHub Actions then go on where this installation is, with what it has spent. Stop it first.',
  options: [
    REPO_OPTION,
    BRANCH_OPTION,
    { flags: '--begin', description: 'make the branch: from now on this state is worked with in GitHub Actions' },
  ],
  input: z.object({
    repo: z.string().default('.'),
    branch: BranchName,
    begin: z.boolean().default(false),
  }),
  examples: [
    [
      'orchestrator state push --repo https://github.com/you/your-repository.git --home ./actions',
      'after state pull, and what changed it',
    ],
  ],
  logs: 'query',
  async run(context, { repo, branch: name, begin }) {
    const home = context.env.ORCHESTRATOR_HOME;
    const branch = await openBranch(context, repo, name);
    const before = await readState(branch);
    if (before === null && !begin) throw new AppError('STATE_MISSING', { repo: branch.url, branch: name });
    const now = new Date();
    const busy = heldByAnother(before, now);
    if (busy !== null) throw new AppError('STATE_BUSY', { by: busy.by, until: busy.until });
    const copy = readLocalCopy(home);
    const expected = before?.commit ?? null;
    const known = begin ? null : copy?.repo === branch.url && copy.branch === name ? copy.commit : undefined;
    if (known !== expected) throw new AppError('STATE_MOVED', { branch: name });
    const { db, databaseUrl } = await context.system();
    const people = await readForPeople(db);
    // Somebody has changed something: it is looked at with the next wake-up.
    const next = nextState(before, { hold: null, wakeAt: null, ...people }, await dumpDatabase(databaseUrl), now);
    const commit = await branch.prepare(filesOf(next), messageOf(next), now);
    if (!(await branch.replace(commit, expected))) throw new AppError('STATE_MOVED', { branch: name });
    writeLocalCopy(home, { repo: branch.url, branch: name, commit, ofRun: false });
    return {
      data: { branch: name, commit, generation: next.ledger.generation },
      render: () => `State ${next.ledger.generation} is on ${name} of ${branch.url}.`,
    };
  },
});
