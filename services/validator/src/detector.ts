import type { Recipe } from './recipe.ts';

/** What a detector may look at. Paths are relative to the project's folder, which may be a folder of the repository. */
export interface Project {
  /** The project's folder, relative to the repository; '' is its root. */
  readonly root: string;
  readonly files: ReadonlySet<string>;
  /** Text of a file that `manifests` asked for; undefined if it does not exist or is too large. */
  readonly read: (path: string) => string | undefined;
  /** The task's module; null: none named. A detector narrows what runs to it where it is a part of the build. */
  readonly module: string | null;
  /** Commands that the machine has. */
  readonly tools: ReadonlySet<string>;
}

/** The recipe as a detector gives it. `roots`: folders that it was narrowed to; absent: the whole project. */
export type DetectedRecipe = Omit<Recipe, 'detector' | 'roots'> & Partial<Pick<Recipe, 'roots'>>;

/** One ecosystem. A file of detectors/ with this as its default export; pure. */
export interface Detector {
  readonly id: string;
  /** Paths of the files that it has to read, out of all. At most a few dozen. */
  readonly manifests: (files: readonly string[]) => readonly string[];
  /** null: not such a project, or it has nothing to build or test. */
  readonly detect: (project: Project) => DetectedRecipe | null;
  /** Asked only where no other detector finds anything, the lowest number first; the first that finds something is enough. */
  readonly fallback?: number;
}
