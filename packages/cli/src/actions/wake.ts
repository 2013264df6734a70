import { join } from 'node:path';
import { makeFolder } from '@orchestrator/shared/boot/home.ts';
import { tokenBudgetFile } from '@orchestrator/shared/budget/export.ts';
import { readState } from '@orchestrator/shared/state/state-commit.ts';
import type { CommandContext, CommandResult } from '../command.ts';
import { exportFiles } from '../read/export-files.ts';
import { dryRun } from '../run/dry-run.ts';
import { requireKeys } from '../run/require-keys.ts';
import { exitCodeOf, renderRun, runData } from '../run/run-report.ts';
import { needsPerson } from '../show/run-words.ts';
import { instant } from '../show/words.ts';
import type { System, Target } from '../system.ts';
import { openTarget } from '../target.ts';
import { wakeOnBranch } from './on-branch.ts';
import { wakeOnDatabase } from './on-database.ts';
import { openBranch } from './open-branch.ts';
import { restore } from './restore.ts';
import { headline, readTaskRows, renderSummary, type TaskRow } from './summary.ts';
import type { Asked, BudgetNote, WakeUp, Worked } from './wake-up.ts';

export interface Wake extends Omit<Asked, 'task'> {
  readonly repo: string;
  readonly branch: string;
  readonly dryRun: boolean;
  readonly minutes?: number | undefined;
  readonly task?: string | undefined;
}

export interface Woken {
  readonly result: CommandResult;
  /** The job summary. */
  readonly markdown: string;
  /** Names and values for later steps; no value has a line break. */
  readonly outputs: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Does what a wake-up is there for. Throws what keeps it from working: STATE_MISSING, KEY_MISSING, REPO_UNREACHABLE, ... */
export async function wake(context: CommandContext, { repo, branch: name, minutes, ...asked }: Wake): Promise<Woken> {
  if (asked.dryRun) return preview(context, repo, name, asked.task);
  const limit = minutes === undefined ? null : AbortSignal.timeout(minutes * 60_000);
  const limited = limit === null ? context : { ...context, signal: AbortSignal.any([context.signal, limit]) };
  const request: Asked = { ...asked, now: asked.now || asked.begin || asked.task !== undefined, task: asked.task };
  const target = async (): Promise<Target> => {
    const found = await openTarget(limited, repo);
    requireKeys(context.env, found.loaded.config);
    return found;
  };
  const woke =
    context.env.DATABASE_URL === undefined
      ? await wakeOnBranch(limited, await openBranch(context, repo, name), request, target)
      : await wakeOnDatabase(limited, request, target);
  return woke.kind === 'worked' ? tellWork(context, woke) : tellIdle(woke);
}

function tellIdle(woke: Exclude<WakeUp, Worked>): Woken {
  const now = new Date();
  const when = woke.kind === 'busy' ? { by: woke.by, until: woke.until } : { wakeAt: woke.wakeAt };
  return {
    result: {
      data: { result: woke.kind, ...when, budget: woke.budget },
      render: () => `AI Orchestrator: ${headline(woke, now)}`,
    },
    markdown: renderSummary({ woke, budget: woke.budget, tasks: [], now }),
    outputs: { result: woke.kind, ...money(woke.budget) },
    close: async () => {},
  };
}

async function tellWork(context: CommandContext, woke: Worked): Promise<Woken> {
  const { system, report, wakeAt, trouble } = woke;
  try {
    const repository = await system.db.repository.findUniqueOrThrow({ where: { url: report.repository } });
    const out = join(context.env.ORCHESTRATOR_HOME, 'export');
    makeFolder(out);
    const files = await exportFiles(system.db, repository, out);
    const [budget, tasks] = await Promise.all([tokenBudgetFile(system.db), readTaskRows(system.db, report.repository)]);
    const { summary, ...rest } = runData(report);
    return {
      result: {
        data: { result: 'worked', ...rest, summary, budget, wakeAt, trouble: trouble?.code ?? null, files },
        render: (view) => [renderRun(report, view), nextText(wakeAt)].join('\n\n'),
        exitCode: exitCode(context, woke),
      },
      markdown: renderSummary({ woke, budget, tasks, now: new Date() }),
      outputs: {
        result: 'worked',
        ...money(budget),
        published: String(published(tasks)),
        'next-wake-up': wakeAt?.toISOString() ?? '',
      },
      close: woke.close,
    };
  } catch (error) {
    await woke.close();
    throw error;
  }
}

/** A task that failed is a result; what a person has to put right is none. */
function exitCode({ signal }: CommandContext, { report, trouble }: Worked): number {
  if (trouble !== null) return trouble.exitCode;
  if (signal.aborted) return 130;
  return report.runs.some(needsPerson) ? exitCodeOf(report, undefined) : 0;
}

const nextText = (wakeAt: Date | null): string =>
  wakeAt === null || wakeAt <= new Date() ? 'The next wake-up goes on.' : `Next due: ${instant(wakeAt)}.`;

const published = (tasks: readonly TaskRow[]): number =>
  tasks.filter(({ run }) => run !== null && ['in_review', 'merged'].includes(run.state)).length;

const money = (budget: BudgetNote): Record<string, string> =>
  budget === null
    ? {}
    : {
        'spent-usd': String(budget.spent_usd),
        'remaining-usd': String(budget.remaining_usd),
        phase: String(budget.phase),
      };

/** What a wake-up would do: on a copy of the state, which stays as it is. */
async function preview(context: CommandContext, repo: string, name: string, task: string | undefined): Promise<Woken> {
  const system = await copyOfState(context, repo, name);
  const close = context.env.DATABASE_URL === undefined ? () => system.close() : async () => {};
  try {
    const target = await openTarget(context, repo);
    const result = await dryRun({ ...context, system: async () => system }, target, task);
    const plain = result.render({ width: 160, terminal: false, color: false, paint: (_, text) => text });
    // A fence that no line of it can close.
    const markdown = `### AI Orchestrator: dry run\n\n\`\`\`\`\`\`\n${plain.replaceAll('`', "'").trimEnd()}\n\`\`\`\`\`\`\n`;
    return { result, markdown, outputs: { result: 'dry-run' }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function copyOfState(context: CommandContext, repo: string, name: string): Promise<System> {
  if (context.env.DATABASE_URL !== undefined) return context.system();
  const branch = await openBranch(context, repo, name);
  return restore(context, { branch, state: await readState(branch), replace: false, ofRun: true });
}
