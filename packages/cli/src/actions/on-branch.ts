import { isDue, wakeUpAt } from '@orchestrator/embedded/scheduling.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { dumpDatabase } from '@orchestrator/shared/state/dump.ts';
import { type HeldState, heldByAnother, takeState } from '@orchestrator/shared/state/held-state.ts';
import { PushedLedger } from '@orchestrator/shared/state/pushed-ledger.ts';
import { readForPeople } from '@orchestrator/shared/state/read-for-people.ts';
import type { StateBranch } from '@orchestrator/shared/state/state-branch.ts';
import { readState, type State } from '@orchestrator/shared/state/state-commit.ts';
import type { CommandContext } from '../command.ts';
import type { System, Target } from '../system.ts';
import { writeLocalCopy } from './local-copy.ts';
import { restore } from './restore.ts';
import type { Asked, WakeUp } from './wake-up.ts';
import { work } from './work.ts';

/** Nothing of a run is known that another one does. */
const busyWith = (state: State, until: string, by: string): WakeUp => ({
  kind: 'busy',
  by,
  until: new Date(until),
  budget: state.ledger.budget,
});

/**
 * A wake-up whose state is kept on a branch. The state is taken before anything is begun, every reservation is on the
 * branch before its call, and all that was done is there at the end.
 */
export async function wakeOnBranch(
  context: CommandContext,
  branch: StateBranch,
  { by, begin, now: asked, task }: Asked,
  target: () => Promise<Target>,
): Promise<WakeUp> {
  const found = await readState(branch);
  if (found === null && !begin) throw new AppError('STATE_MISSING', { repo: branch.url, branch: branch.branch });
  if (found !== null) {
    const now = new Date();
    const other = heldByAnother(found, now);
    if (other !== null) return busyWith(found, other.until, other.by);
    const { wakeAt, hold, budget } = found.ledger;
    // A hold that ran out was left by a run that died: what it had begun goes on.
    if (!asked && hold === null && !isDue(wakeAt === null ? null : new Date(wakeAt), now))
      return { kind: 'not-due', wakeAt: new Date(wakeAt as string), budget };
  }
  // Looked at before the state is taken: a repository that cannot be used keeps nobody else out.
  const used = await target();
  let held: HeldState;
  try {
    held = await takeState({ branch, by, begin, log: context.log });
  } catch (error) {
    // Another was faster.
    if (!(error instanceof AppError) || error.code !== 'STATE_BUSY' || found === null) throw error;
    return busyWith(found, new Date().toISOString(), String(error.detail.by));
  }
  return workHeld(context, { branch, held, target: used, task, now: asked });
}

interface Holding {
  readonly branch: StateBranch;
  readonly held: HeldState;
  readonly target: Target;
  readonly task: string | undefined;
  readonly now: boolean;
}

async function workHeld(context: CommandContext, { branch, held, target, task, now }: Holding): Promise<WakeUp> {
  let opened: System | undefined;
  try {
    opened = await restore(context, { branch, state: held.state, replace: false, ofRun: true });
    const here = opened;
    held.follow(() => readHere(here, target.url));
    const system = { ...here, ledger: new PushedLedger(here.db, held), keep: () => held.push() };
    const signal = AbortSignal.any([context.signal, held.lost]);
    const report = await work({ ...context, signal }, { system, target, task, now });
    const wakeAt = await wakeUpAt(here.db, target.url);
    await held.release();
    return { kind: 'worked', report, system, wakeAt, trouble: lossOf(held), close: () => here.close() };
  } catch (error) {
    await held.release().catch(() => {});
    await opened?.close();
    throw lossOf(held) ?? error;
  } finally {
    const home = context.env.ORCHESTRATOR_HOME;
    writeLocalCopy(home, { repo: branch.url, branch: branch.branch, commit: held.state.commit, ofRun: true });
  }
}

const lossOf = ({ lost }: HeldState): AppError | null =>
  lost.aborted && lost.reason instanceof AppError ? lost.reason : null;

async function readHere({ db, databaseUrl }: System, url: string) {
  const [wakeAt, people] = await Promise.all([wakeUpAt(db, url), readForPeople(db)]);
  return { dump: await dumpDatabase(databaseUrl), reading: { wakeAt: wakeAt?.toISOString() ?? null, ...people } };
}
