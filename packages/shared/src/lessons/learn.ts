import { createHash } from 'node:crypto';
import type { Transaction } from '../db/client.ts';
import { FIRST_WEIGHT, LessonEvidence, type LessonScope, type LessonSource, MAX_WEIGHT } from './lesson.ts';

export interface NewLesson {
  readonly repositoryId: string;
  readonly source: LessonSource;
  /** What makes it the same lesson; hashed. */
  readonly sameAs: string;
  readonly text: string;
  readonly scope: LessonScope;
  readonly evidence: LessonEvidence;
}

const MAX_EVIDENCE = 10;
const MAX_TEXT = 500;
/** What seeing it again adds. */
const AGAIN = 0.5;

/** Learns a lesson; one that is known gains weight and evidence, one that a person switched off stays off. */
export async function learn(tx: Transaction, lesson: NewLesson, halfLifeDays: number): Promise<void> {
  const { repositoryId, source, sameAs, text, scope, evidence } = lesson;
  const key = createHash('sha256').update(sameAs.toLowerCase().replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 32);
  const known = await tx.lesson.findUnique({ where: { repositoryId_source_key: { repositoryId, source, key } } });
  if (!known) {
    const values = {
      repositoryId,
      source,
      key,
      text: text.slice(0, MAX_TEXT),
      scope,
      evidence: [evidence],
      weight: FIRST_WEIGHT[source],
    };
    await tx.lesson.createMany({ data: [values], skipDuplicates: true });
    return;
  }
  const before = LessonEvidence.array().catch([]).parse(known.evidence);
  if (before.some(({ what, pullRequest }) => what === evidence.what && pullRequest === evidence.pullRequest)) return;
  await tx.lesson.update({
    where: { id: known.id },
    data: { evidence: [...before, evidence].slice(-MAX_EVIDENCE) },
  });
  await reweigh(tx, [known.id], { factor: 1, add: AGAIN }, halfLifeDays);
}

/** Changes what lessons weigh now, from what they have come down to with time. */
export async function reweigh(
  tx: Pick<Transaction, '$executeRaw'>,
  lessonIds: readonly string[],
  { factor, add }: { readonly factor: number; readonly add: number },
  halfLifeDays: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE lesson SET weighed_at = now(), weight = least(${MAX_WEIGHT}::float8, ${factor}::float8 * weight
      * power(0.5::float8, greatest(0, extract(epoch FROM now() - weighed_at)::float8) / 86400 / ${halfLifeDays}::float8) + ${add}::float8)
    WHERE id = ANY(${[...lessonIds]}::uuid[])`;
}

/**
 * What became of a run's change speaks for the lessons that it was shown, or against them: a change that people took as
 * it was confirms them, one that was our fault refutes them, and a wrong lesson fades below the limit within a few.
 */
export async function judgeShown(
  tx: Transaction,
  runId: string,
  verdict: 'confirmed' | 'refuted',
  halfLifeDays: number,
): Promise<void> {
  const shown = await tx.runLesson.findMany({ where: { runId }, select: { lessonId: true } });
  const ids = shown.map(({ lessonId }) => lessonId);
  if (ids.length === 0) return;
  await tx.lesson.updateMany({ where: { id: { in: ids } }, data: { [verdict]: { increment: 1 } } });
  await reweigh(tx, ids, verdict === 'confirmed' ? { factor: 1.1, add: 0.1 } : { factor: 0.6, add: 0 }, halfLifeDays);
}
