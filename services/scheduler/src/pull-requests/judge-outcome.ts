import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { judgeShown, learn } from '@orchestrator/shared/lessons/learn.ts';
import type { LessonScope } from '@orchestrator/shared/lessons/lesson.ts';
import type { Mirror } from '@orchestrator/shared/repo/mirror.ts';
import { type Edit, readEdits } from './read-edits.ts';

export interface EndedPull {
  /** Of our row. */
  readonly id: string;
  readonly number: number;
  readonly url: string;
  readonly state: 'merged' | 'closed';
  /** The branch as it ended. */
  readonly headCommit: string;
  readonly mergeCommit: string | null;
  readonly labels: readonly string[];
}

type Cause = 'ours' | 'workflow' | 'duplicate' | 'silent';

/** Words by which people say why, where they do: most rejections are not our fault, and must not teach. */
const DUPLICATE = /\b(duplicate|superseded|already (done|fixed|merged|exists)|same as #?\d+|in favou?r of)\b/i;
const WORKFLOW =
  /\b(out of scope|not (now|needed|wanted|planned)|won'?t ?fix|no longer|postpone|later|different approach|changed our mind|on hold)\b/i;

/**
 * Judges what became of a pull request, once: merged as it was, merged with edits and which, or closed and why. What
 * people edited and said becomes lessons; the lessons that the run was shown are confirmed or refuted by it.
 */
export async function judgeOutcome(
  db: Database,
  mirror: Mirror,
  config: Pick<OrchestratorConfig, 'lessons'>,
  pull: EndedPull,
): Promise<void> {
  const row = await db.pullRequest.findUniqueOrThrow({
    where: { id: pull.id },
    include: { run: { include: { task: true } }, outcomes: true, reviewItems: true },
  });
  const before = row.outcomes.find(({ runId }) => runId === row.runId);
  if (before !== undefined && !isProvisional(before.result, pull.state)) return;
  const { task } = row.run;
  const asProposed = pull.headCommit === row.headCommit;
  const edits =
    pull.state === 'merged' && !asProposed ? await editsOf(mirror, row.baseCommit, row.headCommit, pull) : [];
  // What we said or a bot said is no reason; what nobody worked on any more may well be one.
  const said = row.reviewItems.filter(
    ({ source, dropped }) => source !== 'check' && !/said it$|may not write/.test(dropped ?? ''),
  );
  const reason = pull.state === 'closed' ? (said.at(-1)?.body ?? null) : null;
  const cause = pull.state === 'closed' ? causeOf(reason, pull.labels) : null;
  const result = pull.state === 'closed' ? 'closed' : asProposed ? 'merged_as_is' : 'merged_with_edits';
  const evidence = { taskKey: task.key, pullRequest: pull.url, at: new Date().toISOString() };
  const scope = (paths: readonly string[]): LessonScope => ({
    ...(task.module ? { module: task.module } : {}),
    ...(task.language ? { language: task.language } : {}),
    paths: [...paths],
  });
  const { halfLifeDays } = config.lessons;
  await db.$transaction(async (tx) => {
    if (before !== undefined)
      await tx.pullOutcome.deleteMany({ where: { pullRequestId: pull.id, runId: row.runId, result: before.result } });
    const outcome = {
      pullRequestId: pull.id,
      number: pull.number,
      runId: row.runId,
      result,
      cause,
      reason: reason?.slice(0, 2_000) ?? null,
    };
    const made = await tx.pullOutcome.createMany({
      data: [{ ...outcome, edits: edits as object[] }],
      skipDuplicates: true,
    });
    if (made.count === 0) return;
    for (const edit of edits) {
      const lesson = {
        repositoryId: row.repositoryId,
        source: 'edit' as const,
        sameAs: `${edit.removed} => ${edit.added}`,
        text: editText(edit),
      };
      await learn(
        tx,
        { ...lesson, scope: scope([edit.path]), evidence: { ...evidence, what: 'edited before merging' } },
        halfLifeDays,
      );
    }
    if (result !== 'closed' || cause === 'ours') {
      for (const item of said) {
        const text = `A reviewer asked${item.path === null ? '' : ` on ${item.path}`}: ${item.body}`;
        const lesson = { repositoryId: row.repositoryId, source: 'review' as const, sameAs: item.body, text };
        await learn(
          tx,
          {
            ...lesson,
            scope: scope(item.path === null ? [] : [item.path]),
            evidence: { ...evidence, what: `said by ${item.author}` },
          },
          halfLifeDays,
        );
      }
    }
    if (result === 'merged_as_is') await judgeShown(tx, row.runId, 'confirmed', halfLifeDays);
    if (cause === 'ours') await judgeShown(tx, row.runId, 'refuted', halfLifeDays);
  });
}

/** Silence ends when somebody decides, and a merge is a fact whatever was decided before. */
const isProvisional = (result: string, state: EndedPull['state']): boolean =>
  result === 'ignored' || (state === 'merged' && !result.startsWith('merged'));

const editText = ({ path, removed, added }: Edit): string =>
  removed === ''
    ? `Before merging, people added to ${path}: ${added}`
    : added === ''
      ? `Before merging, people removed from ${path}: ${removed}`
      : `Before merging, people changed in ${path}: ${removed} => ${added}`;

function causeOf(reason: string | null, labels: readonly string[]): Cause {
  const words = [reason ?? '', ...labels].join('\n');
  if (DUPLICATE.test(words)) return 'duplicate';
  if (WORKFLOW.test(words)) return 'workflow';
  return reason === null ? 'silent' : 'ours';
}

/** Between what we proposed and what was merged, in the files that we touched; empty where one of them is no longer to be had. */
async function editsOf(mirror: Mirror, baseCommit: string, ourCommit: string, pull: EndedPull): Promise<Edit[]> {
  const ended = (await known(mirror, pull.headCommit)) ?? (await known(mirror, pull.mergeCommit));
  if (ended === null || (await known(mirror, ourCommit)) === null) return [];
  return readEdits(await mirror.diff(ourCommit, ended), new Set(await changedPaths(mirror, baseCommit, ourCommit)));
}

const known = async (mirror: Mirror, commit: string | null): Promise<string | null> =>
  commit === null ? null : mirror.resolve(commit);

async function changedPaths(mirror: Mirror, base: string, head: string): Promise<string[]> {
  const diff = await mirror.diff(base, head);
  const paths = [...diff.matchAll(/^\+\+\+ b\/(.+)$/gm)].map((match) => match[1] as string);
  const deleted = [...diff.matchAll(/^--- a\/(.+)$/gm)].map((match) => match[1] as string);
  return [...new Set([...paths, ...deleted])];
}
