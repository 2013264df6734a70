import type { Detector } from '../detector.ts';
import { isBunProject, nodeReads, nodeRecipe, readPackageJson } from '../node-project.ts';

/** package.json with npm's lockfile, or with none. */
export default {
  id: 'npm',
  manifests: nodeReads,
  detect(project) {
    const manifest = readPackageJson(project);
    if (manifest === null) return null;
    const lockfile = ['npm-shrinkwrap.json', 'package-lock.json'].find((name) => project.files.has(name)) ?? null;
    const other =
      /^(pnpm|yarn)@/.test(manifest.packageManager ?? '') ||
      project.files.has('pnpm-lock.yaml') ||
      project.files.has('yarn.lock');
    if ((other && lockfile === null) || isBunProject(project, manifest)) return null;
    return nodeRecipe(project, manifest, {
      command: 'npm',
      arguments: [...(lockfile === null ? ['install', '--no-package-lock'] : ['ci']), '--ignore-scripts'],
      lockfile,
      script: (name, extra) =>
        name === 'test' ? ['npm', 'test', ...dashed(extra)] : ['npm', 'run', name, ...dashed(extra)],
      tools: ['npm'],
    });
  },
} satisfies Detector;

const dashed = (extra: readonly string[]): readonly string[] => (extra.length === 0 ? [] : ['--', ...extra]);
