import type { Ecosystem } from './ecosystem.ts';
import { gradle, maven } from './jvm.ts';
import { cargo, go, nuget } from './native.ts';
import { npm } from './npm.ts';
import { python } from './python.ts';

export const ECOSYSTEMS: readonly Ecosystem[] = [npm, maven, gradle, python, cargo, go, nuget];

/** A file that says which packages the project is made of. */
export const isManifest = (path: string): boolean =>
  ECOSYSTEMS.some((each) => each.isManifest(path) || each.isLockfile(path));
