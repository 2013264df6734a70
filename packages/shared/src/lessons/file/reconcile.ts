import type { LessonScope, LessonSource } from '../lesson.ts';
import type { LessonState } from '../list.ts';
import { type FileLesson, identityOf } from './format.ts';

/** A lesson as the database knows it. */
export interface KnownLesson {
  readonly id: string;
  readonly source: LessonSource;
  readonly text: string;
  readonly scope: LessonScope;
  readonly state: LessonState;
}

export interface LessonFiles {
  /** On the default branch now. */
  readonly now: readonly FileLesson[];
  /** As it was there when it was last read; empty at first. */
  readonly before: readonly FileLesson[];
  /** As we last proposed it; null: never. */
  readonly proposed: readonly FileLesson[] | null;
}

/** What people did to the file. */
export interface LessonEdits {
  readonly added: readonly FileLesson[];
  readonly changed: readonly { readonly id: string; readonly text?: string; readonly scope?: LessonScope }[];
  /** Ids of lessons whose lines people deleted. */
  readonly retired: readonly string[];
}

/** How a lesson stands in the file. What a person taught is known by its words. */
export const fileLessonOf = ({ id, source, text, scope }: Omit<KnownLesson, 'state'>): FileLesson => ({
  ref: source === 'person' ? null : id.slice(0, 8),
  text,
  scope,
});

/**
 * What people changed in the file since it was last read, told apart from what we proposed: a line that reads as we once
 * wrote it was changed by nobody, and one that we proposed to drop was not deleted by a person.
 */
export function editsOf(known: readonly KnownLesson[], { now, before, proposed }: LessonFiles): LessonEdits {
  const lessons = byIdentity(known);
  const [was, offered, is] = [indexed(before), indexed(proposed ?? []), indexed(now)];
  const edits = { added: [] as FileLesson[], changed: [] as LessonEdits['changed'][number][], retired: [] as string[] };
  for (const [identity, line] of is) {
    const lesson = lessons.get(identity);
    const seen = was.get(identity);
    // Of another installation, taken over when it came; or one that was switched off since, which is ours to drop.
    if (seen !== undefined && (lesson === undefined || lesson.state === 'off') && sameText(seen, line)) continue;
    // One that was off when the line came is taught again.
    if (lesson === undefined || (lesson.state === 'off' && line.ref === null)) edits.added.push({ ...line, ref: null });
    else if (lesson.state !== 'off') {
      const ours = [fileLessonOf(lesson), seen, offered.get(identity)].filter((each) => each !== undefined);
      const text = ours.some((each) => sameText(each, line)) ? {} : { text: line.text };
      const scope = ours.some((each) => sameScope(each, line)) ? {} : { scope: line.scope };
      if ('text' in text || 'scope' in scope) edits.changed.push({ id: lesson.id, ...text, ...scope });
    }
  }
  for (const identity of deleted(is, was, offered, proposed !== null)) {
    const lesson = lessons.get(identity);
    if (lesson !== undefined && lesson.state !== 'off') edits.retired.push(lesson.id);
  }
  return edits;
}

type Index = ReadonlyMap<string, FileLesson>;

function deleted(is: Index, was: Index, offered: Index, hasProposal: boolean): string[] {
  const gone = [...was.keys()].filter((identity) => !is.has(identity) && (!hasProposal || offered.has(identity)));
  // What only the proposal had was deleted by a person only where the rest of the proposal has come.
  const fresh = [...offered.keys()].filter((identity) => !was.has(identity));
  const arrived = fresh.some((identity) => is.has(identity));
  return [...gone, ...(arrived ? fresh.filter((identity) => !is.has(identity)) : [])];
}

/** Two lessons whose ids begin alike cannot be told apart in the file: neither is changed by it. */
function byIdentity(known: readonly KnownLesson[]): ReadonlyMap<string, KnownLesson> {
  const groups = Map.groupBy(known, (lesson) => identityOf(fileLessonOf(lesson)));
  return new Map(
    [...groups].flatMap(([identity, [only, ...more]]) => (only && more.length === 0 ? [[identity, only]] : [])),
  );
}

const indexed = (lines: readonly FileLesson[]): Index => new Map(lines.map((line) => [identityOf(line), line]));

const sameText = (a: FileLesson, b: FileLesson): boolean => a.text === b.text;

const sameScope = ({ scope: a }: FileLesson, { scope: b }: FileLesson): boolean =>
  (a.module ?? '') === (b.module ?? '') &&
  (a.language ?? '') === (b.language ?? '') &&
  JSON.stringify(a.paths) === JSON.stringify(b.paths);
