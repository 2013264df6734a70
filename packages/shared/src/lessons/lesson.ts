import { z } from 'zod';

/** Where a lesson comes from; what a person wrote weighs most. */
export const LESSON_SOURCES = ['person', 'edit', 'review', 'finding', 'pattern'] as const;
export type LessonSource = (typeof LESSON_SOURCES)[number];

/** Where a lesson holds; absent: everywhere in its repository. */
export const LessonScope = z.object({
  module: z.string().optional(),
  language: z.string().optional(),
  /** Folders or files, relative to the root. */
  paths: z.array(z.string()).default([]),
});
export type LessonScope = z.infer<typeof LessonScope>;

/** What it was learned from. */
export const LessonEvidence = z.object({
  taskKey: z.string().optional(),
  pullRequest: z.string().optional(),
  what: z.string(),
  at: z.string(),
});
export type LessonEvidence = z.infer<typeof LessonEvidence>;

export const FIRST_WEIGHT: Readonly<Record<LessonSource, number>> = {
  person: 2,
  edit: 1,
  review: 1,
  finding: 0.6,
  pattern: 0.5,
};
export const MAX_WEIGHT = 5;
/** Characters. */
export const MAX_TEXT = 500;
/** Below this a lesson is not shown any more. */
export const MIN_WEIGHT = 0.2;

export const DAY_MS = 86_400_000;

/** What a lesson weighs now: half after each half-life without news. */
export function weightNow(
  lesson: { readonly weight: number; readonly weighedAt: Date },
  halfLifeDays: number,
  now: Date,
): number {
  const ageDays = Math.max(0, now.getTime() - lesson.weighedAt.getTime()) / DAY_MS;
  return lesson.weight * 0.5 ** (ageDays / halfLifeDays);
}
