import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { type Check, type CheckInput, textOf } from '../check.ts';
import { buildSettings } from '../dependencies/build-settings.ts';
import { comparePackages } from '../dependencies/compare-packages.ts';
import type { Ecosystem } from '../dependencies/ecosystem.ts';
import { ECOSYSTEMS } from '../dependencies/manifests.ts';
import { readPackages } from '../dependencies/project-packages.ts';

/** Manifests and lockfiles of a repository that are read at most. */
const MAX_FILES = 500;

/** What a change does to the packages that the project is made of, and to where they come from. */
export default {
  id: 'dependencies',
  async run(input) {
    const findings: Finding[] = input.written.flatMap(buildSettings);
    for (const ecosystem of ECOSYSTEMS) {
      const concerns = (path: string) => ecosystem.isManifest(path) || ecosystem.isLockfile(path);
      if (!input.changeSet.files.some(({ path }) => concerns(path))) continue;
      const before = await input.base.read(input.base.paths.filter(concerns).slice(0, MAX_FILES));
      const after = withChange(before, input, ecosystem);
      findings.push(...comparePackages({ ecosystem, before, after, policy: input.validate.dependencies }));
    }
    return findings;
  },
} satisfies Check;

/** Whether a change asks for other packages, or other versions of them, than the base commit does. */
export async function asksForOtherPackages(input: CheckInput): Promise<boolean> {
  for (const ecosystem of ECOSYSTEMS) {
    const concerns = (path: string) => ecosystem.isManifest(path) || ecosystem.isLockfile(path);
    if (!input.changeSet.files.some(({ path }) => concerns(path))) continue;
    const before = await input.base.read(input.base.paths.filter(concerns).slice(0, MAX_FILES));
    const [old, now] = [before, withChange(before, input, ecosystem)].map((texts) => readPackages(ecosystem, texts));
    if (!isDeepStrictEqual([old?.declared, old?.locked], [now?.declared, now?.locked])) return true;
  }
  return false;
}

function withChange(
  before: ReadonlyMap<string, string>,
  { written, deleted }: CheckInput,
  { isManifest, isLockfile }: Ecosystem,
): Map<string, string> {
  const after = new Map(before);
  for (const { path } of deleted) after.delete(path);
  for (const { path, content } of written)
    if (isManifest(path) || isLockfile(path)) after.set(path, textOf(content) ?? '');
  return after;
}
