import type { Database } from '../db/client.ts';
import { countO200k } from '../models/count-text.ts';
import { cleanText } from '../text/clean-text.ts';
import { LessonScope, MIN_WEIGHT, weightNow } from './lesson.ts';

export interface LessonQuery {
  readonly repositoryId: string;
  readonly module: string | null;
  readonly language: string | null;
  /** Files that the work is about. */
  readonly paths: readonly string[];
  /** The task's words. */
  readonly text: string;
}

export interface FoundLesson {
  readonly id: string;
  readonly text: string;
}

/** Candidates are ranked in memory; beyond this the lightest are not looked at. */
const MAX_CANDIDATES = 500;

/** The lessons that fit the work best, heaviest first, within a token budget. The same rows give the same answer. */
export async function lessonsFor(
  db: Pick<Database, 'lesson'>,
  query: LessonQuery,
  {
    maxTokens,
    halfLifeDays,
    now = new Date(),
  }: { readonly maxTokens: number; readonly halfLifeDays: number; readonly now?: Date },
): Promise<FoundLesson[]> {
  if (maxTokens === 0) return [];
  const rows = await db.lesson.findMany({
    where: {
      disabled: false,
      repositoryId: query.repositoryId,
      OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
    },
    orderBy: [{ weight: 'desc' }, { id: 'asc' }],
    take: MAX_CANDIDATES,
  });
  const words = wordsOf(query.text);
  const ranked = rows
    .flatMap((row) => {
      const weight = weightNow(row, halfLifeDays, now);
      const fit = fitOf(LessonScope.catch({ paths: [] }).parse(row.scope), row.text, query, words);
      return weight < MIN_WEIGHT || fit === 0 ? [] : [{ id: row.id, text: oneLine(row.text), score: weight * fit }];
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  const found: FoundLesson[] = [];
  let left = maxTokens;
  for (const { id, text } of ranked) {
    const tokens = (await countO200k(text)) + 4;
    if (tokens > left) continue;
    left -= tokens;
    found.push({ id, text });
  }
  return found;
}

const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, ' ').trim();

/** 0: it does not hold here. */
function fitOf(scope: LessonScope, text: string, query: LessonQuery, words: ReadonlySet<string>): number {
  if (scope.language && query.language && scope.language !== query.language) return 0;
  if (scope.module && query.module && scope.module !== query.module) return 0;
  const near = scope.paths.some((path) => query.paths.some((other) => sharesFolder(path, other)));
  const common = [...wordsOf(text)].filter((word) => words.has(word)).length;
  return 1 + (scope.module && scope.module === query.module ? 0.5 : 0) + (near ? 1 : 0) + Math.min(1, common / 5);
}

function sharesFolder(path: string, other: string): boolean {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  return folder === '' ? path === other : other === path || other.startsWith(`${folder}/`);
}

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]{4,}/gu) ?? []);

/** Remembers which lessons a run was shown. */
export async function markShown(
  db: Pick<Database, 'runLesson'>,
  runId: string,
  lessons: readonly FoundLesson[],
): Promise<void> {
  await db.runLesson.createMany({ data: lessons.map(({ id }) => ({ runId, lessonId: id })), skipDuplicates: true });
}

/** As a list for a prompt; '' where there is none. */
export const lessonList = (lessons: readonly FoundLesson[]): string =>
  lessons.map(({ text }) => `- ${text}`).join('\n');
