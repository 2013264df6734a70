import { z } from 'zod';
import type { Database } from '../../db/client.ts';
import { addLesson, changeLesson } from '../change.ts';
import { listLessons } from '../list.ts';
import { oneLine } from '../one-line.ts';
import { parseLessons, renderLessons } from './format.ts';
import { editsOf, fileLessonOf, type KnownLesson, type LessonEdits } from './reconcile.ts';

/** What is remembered of the file of a repository. */
const FileState = z.object({
  /** The file on the default branch as it was last read; null: there was none. */
  read: z.string().nullable().default(null),
  /** The file as it was last proposed. */
  proposed: z.string().nullable().default(null),
  /** Commits that proposed it, the newest last. */
  commits: z.array(z.string()).default([]),
});
export type FileState = z.infer<typeof FileState>;

const key = (repositoryId: string): string => `lessons.file:${repositoryId}`;

export async function readFileState(db: Pick<Database, 'setting'>, repositoryId: string): Promise<FileState> {
  const row = await db.setting.findUnique({ where: { key: key(repositoryId) } });
  return FileState.parse(row?.value ?? {});
}

/** Changes what is named. */
export async function writeFileState(db: Database, repositoryId: string, change: Partial<FileState>): Promise<void> {
  const value = JSON.stringify(change);
  await db.$executeRaw`
    INSERT INTO setting (key, value) VALUES (${key(repositoryId)}, ${value}::jsonb)
    ON CONFLICT (key) DO UPDATE SET value = setting.value || excluded.value`;
}

/** The file as it should be: the lessons that are shown, the oldest first, so that a new one changes one place. */
export async function desiredFile(db: Database, repositoryId: string, halfLifeDays: number): Promise<string> {
  const shown = (await knownLessons(db, repositoryId, halfLifeDays)).filter(({ state }) => state === 'shown');
  return renderLessons(shown.map(fileLessonOf));
}

/**
 * Takes over what people did to the file since it was last read. `text`: as it is on the default branch; null: there is no
 * file, which changes nothing. Null: nothing was edited. Doing it again after a crash does nothing more.
 */
export async function takeOverEdits(
  db: Database,
  repositoryId: string,
  text: string | null,
  halfLifeDays: number,
): Promise<LessonEdits | null> {
  const { read, proposed } = await readFileState(db, repositoryId);
  if (text === read) return null;
  const edits =
    text === null
      ? NOTHING
      : editsOf(await knownLessons(db, repositoryId, halfLifeDays), {
          now: parseLessons(text),
          before: parseLessons(read ?? ''),
          proposed: proposed === null ? null : parseLessons(proposed),
        });
  const author = { actor: 'the lessons file' };
  for (const { id, ...change } of edits.changed) await changeLesson(db, id, change, author);
  for (const id of edits.retired) await changeLesson(db, id, { off: true }, author);
  for (const { text: words, scope } of edits.added)
    await addLesson(db, { repositoryId, text: words, scope }, halfLifeDays, author);
  await writeFileState(db, repositoryId, { read: text });
  return edits.added.length + edits.changed.length + edits.retired.length === 0 ? null : edits;
}

const NOTHING: LessonEdits = { added: [], changed: [], retired: [] };

/** In the order in which they were learned, with the words that the file has. */
async function knownLessons(db: Database, repositoryId: string, halfLifeDays: number): Promise<KnownLesson[]> {
  const lessons = await listLessons(db, repositoryId, halfLifeDays);
  return lessons
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
    .map((lesson) => ({ ...lesson, text: oneLine(lesson.text) }));
}
