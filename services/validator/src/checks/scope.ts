import { dirname } from 'node:path/posix';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { Check } from '../check.ts';
import { isManifest } from '../dependencies/manifests.ts';
import { isTestFile } from '../test-code/test-source.ts';

/** Read by people, and moved along with any change. */
const DOCUMENT = /\.(md|mdx|rst|adoc|txt)$|(^|\/)(CHANGELOG|README|LICENSE|NOTICE)[^/]*$/i;

/**
 * A change stays with what its specification names. Beside the named files it may touch tests, documents, manifests (the
 * check of dependencies looks at those), files in the folder of a named one, and new files beside or below such a folder.
 */
export default {
  id: 'scope',
  run({ changeSet, written, specification, validate }) {
    if (validate.scope === 'off' || specification === null || specification.filesToChange.length === 0) return [];
    const named = new Set(
      [...specification.filesToChange, ...specification.tests].map(({ path }) => path.replace(/^\.\//, '')),
    );
    const folders = [...new Set([...named].map((path) => dirname(path)))];
    const isNew = new Set(written.filter(({ before }) => before === null).map(({ path }) => path));
    const within = (path: string) =>
      named.has(path) ||
      isTestFile(path) ||
      DOCUMENT.test(path) ||
      isManifest(path) ||
      folders.some((folder) => dirname(path) === folder || (isNew.has(path) && isBelow(path, dirname(folder))));
    return changeSet.files
      .filter(({ path }) => !within(path))
      .map(
        ({ path }): Finding => ({
          check: 'policy.scope',
          code: 'OUT_OF_SCOPE',
          severity: validate.scope === 'warning' ? 'warning' : 'error',
          message: `${path} is neither named by the specification nor beside what it names. Leave it as it was.`,
          file: path,
        }),
      );
  },
} satisfies Check;

const isBelow = (path: string, folder: string): boolean => folder === '.' || path.startsWith(`${folder}/`);
