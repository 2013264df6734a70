import type { Database } from '../db/client.ts';
import { countO200k } from '../models/count-text.ts';
import { LessonScope, MIN_WEIGHT } from './lesson.ts';
import { oneLine } from './one-line.ts';

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
/** Bullet, line feed, and what joins them. */
const LINE_TOKENS = 4;

export interface LessonBudget {
  readonly maxTokens: number;
  readonly halfLifeDays: number;
  readonly now?: Date;
}

/** The lessons that fit the work best, heaviest first, within a token budget. The same rows give the same answer. */
export async function lessonsFor(
  db: Pick<Database, '$queryRaw'>,
  query: LessonQuery,
  { maxTokens, halfLifeDays, now = new Date() }: LessonBudget,
): Promise<FoundLesson[]> {
  if (maxTokens === 0) return [];
  const words = wordsOf(query.text);
  const ranked = (await candidates(db, query, halfLifeDays, now))
    .map(({ id, text, scope, weight }) => ({
      id,
      text: oneLine(text),
      score: weight * fitOf(LessonScope.catch({ paths: [] }).parse(scope), text, query, words),
    }))
    .sort((a, b) => b.score - a.score || (`${a.text} ${a.id}` < `${b.text} ${b.id}` ? -1 : 1));
  const found: FoundLesson[] = [];
  let left = maxTokens;
  for (const { id, text } of ranked) {
    // No token spans two words, so what has more words than there is room for need not be counted.
    if (text.split(' ').length + LINE_TOKENS > left) continue;
    const tokens = (await countO200k(text)) + LINE_TOKENS;
    if (tokens > left) continue;
    left -= tokens;
    found.push({ id, text });
  }
  return found;
}

interface Candidate {
  readonly id: string;
  readonly text: string;
  readonly scope: unknown;
  readonly weight: number;
}

/** Those that hold for the module and language of the work and still weigh enough, by what they weigh now. */
function candidates(
  db: Pick<Database, '$queryRaw'>,
  { repositoryId, module, language }: LessonQuery,
  halfLifeDays: number,
  now: Date,
): Promise<Candidate[]> {
  return db.$queryRaw<Candidate[]>`
    SELECT id, text, scope, weight FROM (
      SELECT id, text, scope, weight * power(0.5::float8,
        greatest(0, extract(epoch FROM ${now}::timestamptz - weighed_at)::float8) / 86400 / ${halfLifeDays}::float8) AS weight
      FROM lesson
      WHERE NOT disabled AND repository_id = ${repositoryId}::uuid AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)
        AND (${language}::text IS NULL OR scope->>'language' IS NULL OR scope->>'language' = ${language}::text)
        AND (${module}::text IS NULL OR scope->>'module' IS NULL OR scope->>'module' = ${module}::text)
    ) known
    WHERE weight >= ${MIN_WEIGHT}::float8 ORDER BY weight DESC, id LIMIT ${MAX_CANDIDATES}::int`;
}

/** From 1 on: how much more it says about this work than about any other. */
function fitOf(scope: LessonScope, text: string, query: LessonQuery, words: ReadonlySet<string>): number {
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
