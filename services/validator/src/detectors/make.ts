import type { Detector } from '../detector.ts';

/** A Makefile with a target for tests, where nothing better is known. */
export default {
  id: 'make',
  fallback: 1,
  manifests: (files) => files.filter((path) => /^(GNUmakefile|makefile|Makefile)$/.test(path)),
  detect(project) {
    const name = ['GNUmakefile', 'makefile', 'Makefile'].find((path) => project.files.has(path));
    if (name === undefined) return null;
    const targets = new Set(
      [...(project.read(name) ?? '').matchAll(/^([A-Za-z][\w.-]*)\s*:(?!=)/gm)].map((match) => match[1]),
    );
    const test = ['test', 'check', 'tests'].find((target) => targets.has(target));
    const build = ['build', 'all'].find((target) => targets.has(target));
    if (test === undefined && build === undefined) return null;
    const cwd = project.root;
    return {
      tools: ['make'],
      prepare: [],
      build: build === undefined ? [] : [{ step: 'build', cwd, argv: ['make', build] }],
      test: test === undefined ? [] : [{ step: 'test', cwd, argv: ['make', test], parse: 'tap' }],
      reports: [],
      env: {},
      prepareEnv: {},
      caches: { keyFiles: [], outputs: [], folders: [] },
    };
  },
} satisfies Detector;
