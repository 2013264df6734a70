import { LessonScope, MAX_TEXT } from '../lesson.ts';
import { oneLine } from '../one-line.ts';

/** Where the lessons of a repository are kept for people to review. */
export const LESSONS_FILE = '.orchestrator/lessons.md';

/** One line of the file. */
export interface FileLesson {
  /** How the id begins; null: a person's own, which is known by its words. */
  readonly ref: string | null;
  readonly text: string;
  readonly scope: LessonScope;
}

const PREAMBLE = `# Lessons

What earlier changes of this repository taught AI Orchestrator, one line each. A line that is deleted is not used any more, one
that is changed is used as it stands, and one that is added is used as well; all of it once this file is on the default branch.
Headings say where the lessons below them hold. Other text is not kept.
`;

/** The file for these lessons, which come out in their order below the heading of their scope. The same lessons give the same bytes. */
export function renderLessons(lessons: readonly FileLesson[]): string {
  const sections = Map.groupBy(distinct(lessons.map(normal).filter(({ text }) => text !== '')), headingOf);
  const ordered = [...sections].sort(([a], [b]) => (a === EVERYWHERE ? -1 : b === EVERYWHERE ? 1 : a < b ? -1 : 1));
  return [PREAMBLE, ...ordered.map(([heading, lines]) => `## ${heading}\n\n${lines.map(lineOf).join('\n')}\n`)].join(
    '\n',
  );
}

/** The lessons of a file, also of one that people have edited. What is no list item is passed over. */
export function parseLessons(file: string): FileLesson[] {
  const lessons: FileLesson[] = [];
  let place: Pick<LessonScope, 'module' | 'language'> = {};
  let item: string | null = null;
  const close = (): void => {
    if (item !== null) lessons.push(itemOf(item, place));
    item = null;
  };
  for (const line of file.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const bullet = /^ {0,3}[-*+][ \t]+(.*)$/.exec(line)?.[1];
    const heading = /^#{1,6}[ \t]+(.*?)[ \t#]*$/.exec(line)?.[1];
    if (bullet !== undefined) {
      close();
      item = bullet;
    } else if (heading !== undefined) {
      close();
      place = placeOf(heading);
    } else if (item !== null && line.trim() !== '') item = `${item} ${line.trim()}`;
    else close();
  }
  close();
  return distinct(lessons.filter(({ text }) => text !== ''));
}

/** What makes two lines the same lesson. */
export const identityOf = ({ ref, text }: FileLesson): string =>
  ref === null ? `text ${text.toLowerCase()}` : `ref ${ref}`;

const EVERYWHERE = 'Everywhere';

function normal({ ref, text, scope: { module, language, paths } }: FileLesson): FileLesson {
  const scope = { ...(module ? { module } : {}), ...(language ? { language } : {}), paths: [...paths] };
  return { ref, text: cutTo(oneLine(text)), scope };
}

/** Never within a character. */
const cutTo = (text: string): string =>
  text
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();

function distinct(lessons: readonly FileLesson[]): FileLesson[] {
  return [...new Map([...lessons].reverse().map((lesson) => [identityOf(lesson), lesson])).values()].reverse();
}

function headingOf({ scope: { module, language } }: FileLesson): string {
  const parts = [module && `module ${quoted(module)}`, language && `language ${quoted(language)}`].filter(Boolean);
  return parts.length === 0 ? EVERYWHERE : `For ${parts.join(', ')}`;
}

/** A heading of a person's own holds everywhere. */
function placeOf(heading: string): Pick<LessonScope, 'module' | 'language'> {
  if (!/^for\b/i.test(heading)) return {};
  const module = /\bmodule `([^`]+)`/i.exec(heading)?.[1];
  const language = /\blanguage `([^`]+)`/i.exec(heading)?.[1];
  return { ...(module ? { module: unquoted(module) } : {}), ...(language ? { language: unquoted(language) } : {}) };
}

/** Also what would end the code or the line, or look like the end of a heading. */
const quoted = (name: string): string =>
  `\`${name.toWellFormed().replace(/[%`\p{C}\p{Z}]/gu, (character) => encodeURIComponent(character))}\``;

function unquoted(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function lineOf({ ref, text, scope: { paths } }: FileLesson): string {
  const notes = [
    ...(ref === null ? [] : [`lesson: ${ref}`]),
    ...(paths.length === 0 ? [] : [`paths: ${inComment(paths)}`]),
  ];
  const shown = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `- ${shown}${notes.length === 0 ? '' : ` <!-- ${notes.join(', ')} -->`}`;
}

/** What would end the comment or the line is escaped, which JSON reads back. */
const inComment = (paths: readonly string[]): string =>
  JSON.stringify(paths).replace(
    /[>\u2028\u2029\u0085\u007f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const NOTE = /<!--\s*(?:lesson:\s*([0-9a-f]{8}))?\s*,?\s*(?:paths:\s*(\[.*\]))?\s*-->\s*$/i;

function itemOf(item: string, place: Pick<LessonScope, 'module' | 'language'>): FileLesson {
  const note = NOTE.exec(item);
  const text = note === null ? item : item.slice(0, note.index);
  const shown = text.replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  return normal({ ref: note?.[1]?.toLowerCase() ?? null, text: shown, scope: { ...place, paths: pathsOf(note?.[2]) } });
}

function pathsOf(json: string | undefined): string[] {
  try {
    return LessonScope.shape.paths.parse(json === undefined ? [] : JSON.parse(json));
  } catch {
    return [];
  }
}
