import { createHash } from 'node:crypto';
import type { Transaction } from '../db/client.ts';
import { Prisma } from '../db/generated/client.ts';
import {
  DAY_MS,
  FIRST_WEIGHT,
  LessonEvidence,
  type LessonScope,
  type LessonSource,
  MAX_TEXT,
  MAX_WEIGHT,
} from './lesson.ts';

export interface NewLesson {
  readonly repositoryId: string;
  readonly source: LessonSource;
  /** What makes it the same lesson; hashed. */
  readonly sameAs: string;
  readonly text: string;
  readonly scope: LessonScope;
  readonly evidence: LessonEvidence;
  /** It is not shown any more unless it is learned again within so long. Absent: it only fades. */
  readonly expiresInDays?: number;
}

export const MAX_EVIDENCE = 10;
/** What seeing it again adds. */
const AGAIN = 0.5;

/** By which the same lesson is known again, however it is spaced and capitalised. */
export const lessonKey = (sameAs: string): string =>
  createHash('sha256').update(sameAs.toLowerCase().replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 32);

/** Learns a lesson; one that is known gains weight and evidence, one that a person switched off stays off. */
export async function learn(tx: Transaction, lesson: NewLesson, halfLifeDays: number): Promise<void> {
  const { repositoryId, source, sameAs, text, scope, evidence, expiresInDays } = lesson;
  const key = lessonKey(sameAs);
  const expiry = expiresInDays === undefined ? {} : { expiresAt: new Date(Date.now() + expiresInDays * DAY_MS) };
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
      ...expiry,
    };
    await tx.lesson.createMany({ data: [values], skipDuplicates: true });
    return;
  }
  const before = LessonEvidence.array().catch([]).parse(known.evidence);
  // What is counted is counted anew; what a person worded stays as it is.
  const renewed = expiresInDays !== undefined && known.editedAt === null ? { text: text.slice(0, MAX_TEXT) } : {};
  if (expiresInDays !== undefined) await tx.lesson.update({ where: { id: known.id }, data: { ...expiry, ...renewed } });
  if (before.some(({ what, pullRequest }) => what === evidence.what && pullRequest === evidence.pullRequest)) return;
  await tx.lesson.update({
    where: { id: known.id },
    data: { evidence: [...before, evidence].slice(-MAX_EVIDENCE) },
  });
  await reweigh(tx, [known.id], AGAIN, halfLifeDays);
}

/** Changes what lessons weigh now, from what they have come down to with time. */
async function reweigh(
  tx: Pick<Transaction, '$executeRaw'>,
  lessonIds: readonly string[],
  add: number,
  halfLifeDays: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE lesson SET weighed_at = now(), weight = least(${MAX_WEIGHT}::float8, ${weighsNow(halfLifeDays)} + ${add}::float8)
    WHERE id = ANY(${[...lessonIds]}::uuid[])`;
}

const weighsNow = (halfLifeDays: number): Prisma.Sql =>
  Prisma.sql`weight * power(0.5::float8, greatest(0, extract(epoch FROM now() - weighed_at)::float8) / 86400 / ${halfLifeDays}::float8)`;

/**
 * What became of a run's change speaks for the lessons that it was shown, or against them. A change that people took as it
 * was makes those heavier that were confirmed more often than refuted: others may only have been beside the point, and a
 * wrong lesson must not live on what has nothing to do with it. One that was our fault halves them, so that a wrong one of
 * a person fades below the limit within four; but not those that the same outcome taught again, which people asked for.
 */
export async function judgeShown(
  tx: Transaction,
  runId: string,
  verdict: 'confirmed' | 'refuted',
  halfLifeDays: number,
): Promise<void> {
  const weight = weighsNow(halfLifeDays);
  if (verdict === 'confirmed')
    await tx.$executeRaw`
      UPDATE lesson SET confirmed = confirmed + 1, weighed_at = now(), weight = CASE WHEN confirmed + 1 > refuted
        THEN least(${MAX_WEIGHT}::float8, 1.1::float8 * ${weight} + 0.1::float8) ELSE ${weight} END
      WHERE id IN (SELECT lesson_id FROM run_lesson WHERE run_id = ${runId}::uuid)`;
  // Within one transaction now() stands still: what was learned again in it was weighed at this very instant.
  else
    await tx.$executeRaw`
      UPDATE lesson SET refuted = refuted + 1, weighed_at = now(), weight = 0.5::float8 * ${weight}
      WHERE id IN (SELECT lesson_id FROM run_lesson WHERE run_id = ${runId}::uuid) AND weighed_at < now()`;
}
