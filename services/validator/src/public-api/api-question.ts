import { z } from 'zod';
import type { ProjectFiles } from '../rules/applies.ts';

/** Both versions of a repository, and what lies between them. */
export interface Versions {
  readonly before: ProjectFiles;
  readonly after: ProjectFiles;
  /** Paths that the change writes or deletes. */
  readonly changed: readonly string[];
}

/** One package whose public names have to be compared, in a box with the trees `old` and `new`. */
export interface ApiQuestion {
  /** As people know it. */
  readonly name: string;
  readonly tool: 'typescript' | 'griffe' | 'apidiff';
  /** May hold the places of the box, as a recipe's. Prints an ApiAnswer as its last line. */
  readonly argv: readonly [string, ...string[]];
}

export const ApiAnswer = z.object({
  api: z.array(
    z.object({
      /** What is gone or changed. */
      name: z.string(),
      /** How it changed; '' where it is gone. */
      why: z.string(),
      /** Where it was declared, relative to the repository; '' where that is not known. */
      file: z.string(),
    }),
  ),
});
export type ApiAnswer = z.infer<typeof ApiAnswer>;

/** Tests, examples and tools of a repository are nobody's API. */
export const isAside = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|spec|examples?|docs?|benchmarks?|scripts|tools|fixtures|node_modules)(\/|$)/i.test(path);
