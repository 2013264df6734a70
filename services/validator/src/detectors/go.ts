import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';

/** go.mod. Prepare also compiles the base's packages, so that runs find the standard library built. */
export default {
  id: 'go',
  manifests: (files) => files.filter((path) => path === 'go.mod' || path === 'go.work'),
  detect(project) {
    if (!project.files.has('go.mod')) return null;
    const cwd = project.root;
    const vendored = project.files.has('vendor/modules.txt');
    const env = {
      GOMODCACHE: '{cache}/go/mod',
      GOCACHE: '{cache}/go-build',
      GOPATH: '{home}/go',
      GOTOOLCHAIN: 'local',
      GOTELEMETRY: 'off',
      CGO_ENABLED: project.tools.has('gcc') ? '1' : '0',
    };
    return {
      tools: ['go'],
      prepare: [
        ...(vendored ? [] : [{ step: 'prepare' as const, cwd, argv: ['go', 'mod', 'download', 'all'] as const }]),
        // A base that does not compile is the baseline's finding, not a failure to fetch.
        { step: 'prepare', cwd, argv: ['sh', '-c', 'go test -run=^$ ./... >/dev/null 2>&1 || true'] },
      ],
      build: [{ step: 'build', cwd, argv: ['go', 'build', './...'] }],
      test: [{ step: 'test', cwd, argv: ['go', 'test', '-json', './...'], parse: 'go-json' }],
      reports: [],
      env: { ...env, GOFLAGS: vendored ? '-mod=vendor' : '-mod=readonly', GOPROXY: 'off' },
      // Folders of the module cache are read-only by default and could not be removed by an ordinary user.
      prepareEnv: { ...env, GOFLAGS: '-modcacherw' },
      caches: {
        keyFiles: [...project.files]
          .filter((path) => /^go\.(mod|sum|work|work\.sum)$/.test(path))
          .map((path) => join(cwd, path)),
        outputs: [],
        folders: [
          { path: 'go/mod', mode: 'readonly' },
          { path: 'go-build', mode: 'copy' },
        ],
      },
    };
  },
} satisfies Detector;
