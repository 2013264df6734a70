import type { Database, Transaction } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import { learn, lessonKey, MAX_EVIDENCE } from './learn.ts';
import { LessonEvidence, LessonScope } from './lesson.ts';
import { lessonRow } from './list.ts';

/** Who changes a lesson, for its evidence: `api`, `cli:ada`. */
export interface LessonAuthor {
  readonly actor: string;
  readonly reason?: string | undefined;
}

export interface TaughtLesson {
  readonly repositoryId: string;
  readonly text: string;
  readonly scope: LessonScope;
}

/** Teaches a lesson in a person's name, and gives its id. One that was known gains weight, and is shown again if it was off. */
export async function addLesson(
  db: Database,
  { repositoryId, text, scope }: TaughtLesson,
  halfLifeDays: number,
  author: LessonAuthor,
): Promise<string> {
  const evidence = evidenceOf('taught', author);
  const key = lessonKey(text);
  return db.$transaction(async (tx) => {
    await learn(tx, { repositoryId, source: 'person', sameAs: text, text, scope, evidence }, halfLifeDays);
    const where = { repositoryId_source_key: { repositoryId, source: 'person', key } };
    const { id } = await tx.lesson.update({ where, data: { disabled: false, scope, editedAt: new Date() } });
    return id;
  });
}

/** What is not named stays. */
export interface LessonChange {
  readonly text?: string | undefined;
  readonly scope?: LessonScope | undefined;
  /** What it weighs from now on. */
  readonly weight?: number | undefined;
  readonly expiresAt?: Date | null | undefined;
  /** True: it is never shown, and not learned again. */
  readonly off?: boolean | undefined;
}

/** Changes a lesson in a person's name. Throws LESSON_UNKNOWN, and USAGE where another lesson says the same already. */
export async function changeLesson(
  db: Database,
  id: string,
  change: LessonChange,
  author: LessonAuthor,
): Promise<void> {
  await db.$transaction((tx) => changeLessonWithin(tx, id, change, author));
}

/** The same within a transaction. */
export async function changeLessonWithin(
  tx: Transaction,
  id: string,
  { text, scope, weight, expiresAt, off }: LessonChange,
  author: LessonAuthor,
): Promise<void> {
  const row = await lessonRow(tx, id);
  // What a person taught is known by its words.
  const key = text === undefined || row.source !== 'person' ? row.key : lessonKey(text);
  if (key !== row.key) await refuseTwin(tx, { ...row, key });
  const before = LessonEvidence.array().catch([]).parse(row.evidence);
  const what = off === true ? 'switched off' : off === false ? 'switched on' : 'changed';
  await tx.lesson.update({
    where: { id },
    data: {
      key,
      evidence: [...before, evidenceOf(what, author)].slice(-MAX_EVIDENCE),
      ...(text === undefined ? {} : { text, editedAt: new Date() }),
      ...(scope === undefined ? {} : { scope: LessonScope.parse(scope) }),
      ...(weight === undefined ? {} : { weight, weighedAt: new Date() }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(off === undefined ? {} : { disabled: off }),
    },
  });
}

async function refuseTwin(
  tx: Transaction,
  {
    repositoryId,
    source,
    key,
  }: { readonly repositoryId: string | null; readonly source: string; readonly key: string },
): Promise<void> {
  const twin = await tx.lesson.findFirst({ where: { repositoryId, source, key }, select: { id: true } });
  if (twin !== null)
    throw new AppError('USAGE', {
      message: `The lesson ${twin.id} says the same already; change or switch off that one`,
    });
}

const evidenceOf = (what: string, { actor, reason }: LessonAuthor): LessonEvidence => ({
  what: `${what} by ${actor}${reason ? `: ${reason}` : ''}`.slice(0, 600),
  at: new Date().toISOString(),
});
