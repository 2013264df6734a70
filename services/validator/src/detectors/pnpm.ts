import type { Detector } from '../detector.ts';
import { nodeReads, nodeRecipe, readPackageJson } from '../node-project.ts';
import { installManager } from '../package-manager-of.ts';

/** package.json with pnpm's lockfile. pnpm itself is fetched, in the version that packageManager names. */
export default {
  id: 'pnpm',
  manifests: nodeReads,
  detect(project) {
    const manifest = readPackageJson(project);
    if (manifest === null) return null;
    const locked = project.files.has('pnpm-lock.yaml');
    if (!locked && !manifest.packageManager?.startsWith('pnpm@')) return null;
    return nodeRecipe(project, manifest, {
      ...installManager('pnpm', manifest.packageManager, '10'),
      lockfile: locked ? 'pnpm-lock.yaml' : null,
      // Hard links into a store would be shared with what the run may write.
      arguments: [
        'install',
        ...(locked ? ['--frozen-lockfile'] : []),
        '--ignore-scripts',
        '--package-import-method=copy',
        '--store-dir={cache}/pnpm-store',
      ],
      script: (name, extra) => ['pnpm', 'run', name, ...extra],
      env: { npm_config_manage_package_manager_versions: 'false', npm_config_verify_deps_before_run: 'false' },
    });
  },
} satisfies Detector;
