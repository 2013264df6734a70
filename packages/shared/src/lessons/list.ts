import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { LessonEvidence, LessonScope, type LessonSource, MIN_WEIGHT, weightNow } from './lesson.ts';

/** `shown`: a task that it fits is told of it. */
export type LessonState = 'shown' | 'faded' | 'expired' | 'off';

/** A lesson as people see it. */
export interface LessonView {
  readonly id: string;
  readonly repositoryId: string;
  readonly text: string;
  readonly source: LessonSource;
  readonly state: LessonState;
  /** What it weighs now. */
  readonly weight: number;
  readonly confirmed: number;
  readonly refuted: number;
  readonly scope: LessonScope;
  /** The newest last. */
  readonly evidence: readonly LessonEvidence[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** A run that was shown a lesson, and what became of it. */
export interface ShownTo {
  readonly run: string;
  readonly task: string;
  readonly state: string;
  readonly url: string | null;
  readonly shownAt: Date;
}

type Row = NonNullable<Awaited<ReturnType<Database['lesson']['findFirst']>>>;

export function viewOf(row: Row, halfLifeDays: number, now: Date): LessonView {
  const weight = weightNow(row, halfLifeDays, now);
  const expired = row.expiresAt !== null && row.expiresAt <= now;
  return {
    id: row.id,
    repositoryId: row.repositoryId ?? '',
    text: row.text,
    source: row.source as LessonSource,
    state: row.disabled ? 'off' : expired ? 'expired' : weight < MIN_WEIGHT ? 'faded' : 'shown',
    weight: Number(weight.toFixed(3)),
    confirmed: row.confirmed,
    refuted: row.refuted,
    scope: LessonScope.catch({ paths: [] }).parse(row.scope),
    evidence: LessonEvidence.array().catch([]).parse(row.evidence),
    expiresAt: row.expiresAt,
    createdAt: row.createdAt,
  };
}

/** The lessons of a repository, heaviest first. */
export async function listLessons(
  db: Pick<Database, 'lesson'>,
  repositoryId: string,
  halfLifeDays: number,
  now: Date = new Date(),
): Promise<LessonView[]> {
  const rows = await db.lesson.findMany({ where: { repositoryId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return rows.map((row) => viewOf(row, halfLifeDays, now)).sort((a, b) => b.weight - a.weight);
}

const MAX_RUNS = 50;

/** The latest runs that were shown a lesson, the newest first. */
export async function shownTo(db: Database, lessonId: string): Promise<ShownTo[]> {
  const rows = await db.runLesson.findMany({
    where: { lessonId },
    orderBy: [{ shownAt: 'desc' }, { runId: 'asc' }],
    take: MAX_RUNS,
    include: {
      run: {
        include: { task: true, pullRequests: { orderBy: { updatedAt: 'desc' }, take: 1, select: { url: true } } },
      },
    },
  });
  return rows.map(({ run, shownAt }) => ({
    run: run.id,
    task: run.task.key,
    state: run.state,
    url: run.pullRequests[0]?.url ?? null,
    shownAt,
  }));
}

/** The lesson of that id. Throws LESSON_UNKNOWN. */
export async function lessonRow(db: Pick<Database, 'lesson'>, id: string): Promise<Row> {
  const row = await db.lesson.findUnique({ where: { id } });
  if (row === null) throw new AppError('LESSON_UNKNOWN', { lesson: id });
  return row;
}
