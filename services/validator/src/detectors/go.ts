import { join } from 'node:path/posix';
import type { Detector, Project } from '../detector.ts';
import { goModule } from '../go-module.ts';
import { moduleFolder } from '../module-folder.ts';

/** go.mod, or go.work with its modules. Prepare also compiles the base's packages, so that runs find the standard library built. */
export default {
  id: 'go',
  manifests: (files) => files.filter((path) => path === 'go.mod' || path === 'go.work'),
  detect(project) {
    const patterns = packagePatterns(project);
    if (patterns === null) return null;
    const cwd = project.root;
    const folder = moduleFolder(project.files, project.module);
    // A folder of the module; one with a go.mod of its own is another project.
    const inside =
      folder !== null && [...project.files].some((path) => path.startsWith(`${folder}/`) && path.endsWith('.go'));
    const module = goModule(project.read('go.mod'));
    const narrowed = inside && module !== undefined && !project.files.has(`${folder}/go.mod`);
    const inWork = !project.files.has('go.mod');
    const vendored = project.files.has('vendor/modules.txt');
    const env = {
      GOMODCACHE: '{cache}/go/mod',
      GOCACHE: '{cache}/go-build',
      GOPATH: '{home}/go',
      GOTOOLCHAIN: 'local',
      GOTELEMETRY: 'off',
      CGO_ENABLED: project.tools.has('gcc') ? '1' : '0',
    };
    const download = vendored
      ? []
      : [
          {
            step: 'prepare' as const,
            cwd,
            argv: inWork ? (['go', 'mod', 'download'] as const) : (['go', 'mod', 'download', 'all'] as const),
          },
        ];
    return {
      ...(narrowed ? { roots: [join(cwd, folder)] } : {}),
      tools: ['go'],
      fetch: download,
      prepare: [
        ...download,
        // A base that does not compile is the baseline's finding, not a failure to fetch.
        { step: 'prepare', cwd, argv: ['sh', '-c', 'go test -run=^$ "$@" >/dev/null 2>&1 || true', 'go', ...patterns] },
      ],
      build: [{ step: 'build', cwd, argv: ['go', 'build', ...patterns] }],
      test: [
        {
          step: 'test',
          cwd,
          // Which packages need those of the folder, only the go command knows.
          argv: narrowed
            ? ['sh', '{kit}/go-test-dependents.sh', folder, `${module}/${folder}`]
            : ['go', 'test', '-json', ...patterns],
          parse: 'go-json',
        },
      ],
      reports: [],
      env: {
        ...env,
        // A workspace decides by itself where modules come from.
        ...(inWork ? {} : { GOFLAGS: vendored ? '-mod=vendor' : '-mod=readonly' }),
        GOPROXY: 'off',
      },
      // Folders of the module cache are read-only by default and could not be removed by an ordinary user.
      prepareEnv: { ...env, GOFLAGS: '-modcacherw' },
      caches: {
        keyFiles: [...project.files]
          .filter((path) => /(^|\/)go\.(mod|sum|work|work\.sum)$/.test(path))
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

/** All packages, as the go command names them; null: no Go project. */
function packagePatterns({ files, read }: Project): readonly string[] | null {
  if (files.has('go.mod')) return ['./...'];
  const work = read('go.work');
  if (work === undefined) return null;
  const uses = [...work.matchAll(/^\s*(?:use\s+)?(\.{1,2}\/?[\w./-]*)\s*$/gm)].map((match) => match[1] as string);
  const modules = uses.map((use) => use.replace(/^\.\/|\/$/g, '')).filter((use) => files.has(`${use}/go.mod`));
  return modules.length === 0 ? null : modules.map((module) => `./${module}/...`);
}
