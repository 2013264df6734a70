import type { Detector } from '../detector.ts';
import { nodeReads, nodeRecipe, readPackageJson } from '../node-project.ts';
import { installManager } from '../package-manager-of.ts';

/** package.json with Yarn's lockfile: Yarn 1, or a later one with its files in node_modules. */
export default {
  id: 'yarn',
  manifests: nodeReads,
  detect(project) {
    const manifest = readPackageJson(project);
    if (manifest === null) return null;
    const lockfile = project.read('yarn.lock');
    if (lockfile === undefined && !manifest.packageManager?.startsWith('yarn@')) return null;
    if (project.files.has('pnpm-lock.yaml') || project.files.has('package-lock.json')) return null;
    const modern =
      /^__metadata:/m.test(lockfile ?? '') ||
      /^yarn@[2-9]/.test(manifest.packageManager ?? '') ||
      project.files.has('.yarnrc.yml');
    const own = {
      ...(modern
        ? installManager('@yarnpkg/cli-dist', manifest.packageManager, '4')
        : installManager('yarn', manifest.packageManager, '1')),
    };
    return nodeRecipe(project, manifest, {
      ...own,
      lockfile: lockfile === undefined ? null : 'yarn.lock',
      arguments: modern
        ? ['install', ...(lockfile === undefined ? [] : ['--immutable'])]
        : [
            'install',
            '--ignore-scripts',
            '--non-interactive',
            ...(lockfile === undefined ? [] : ['--frozen-lockfile']),
          ],
      script: (name, extra) => ['yarn', 'run', name, ...extra],
      // A release that the repository carries itself is not run: the one that was fetched is.
      env: modern
        ? {
            YARN_ENABLE_SCRIPTS: 'false',
            YARN_ENABLE_IMMUTABLE_INSTALLS: String(lockfile !== undefined),
            YARN_NODE_LINKER: 'node-modules',
            YARN_ENABLE_GLOBAL_CACHE: 'false',
            YARN_CACHE_FOLDER: '{cache}/yarn',
            YARN_IGNORE_PATH: '1',
            YARN_ENABLE_TELEMETRY: 'false',
          }
        : { YARN_CACHE_FOLDER: '{cache}/yarn', YARN_IGNORE_PATH: '1' },
    });
  },
} satisfies Detector;
