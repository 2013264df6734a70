import type { Detector } from '../detector.ts';
import { isBunProject, nodeReads, nodeRecipe, readPackageJson } from '../node-project.ts';

/** package.json with Bun's lockfile, on a machine that has Bun. */
export default {
  id: 'bun',
  manifests: nodeReads,
  detect(project) {
    const manifest = readPackageJson(project);
    if (manifest === null || !isBunProject(project, manifest)) return null;
    const locked = ['bun.lock', 'bun.lockb'].find((name) => project.files.has(name)) ?? null;
    return nodeRecipe(project, manifest, {
      command: 'bun',
      arguments: ['install', ...(locked === null ? [] : ['--frozen-lockfile']), '--ignore-scripts'],
      lockfile: locked,
      script: (name, extra) => ['bun', 'run', name, ...extra],
      tools: ['bun'],
      env: { BUN_INSTALL_CACHE_DIR: '{cache}/bun' },
    });
  },
} satisfies Detector;
