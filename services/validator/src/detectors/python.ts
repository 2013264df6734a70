import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';
import { pythonHints } from '../python-hints.ts';
import { isPartManifest, pythonParts } from '../python-parts.ts';
import { prepareCommands, VENV } from '../python-prepare.ts';
import { WORKFLOW } from '../workflow-commands.ts';

/** requirements.txt, and of others those for tests: not for documentation or typing. */
const REQUIREMENTS =
  /^(requirements|(?:requirements|reqs)[\w./-]*(?:test|dev|ci)[\w.-]*|(?:test|dev)[\w-]*requirements)\.txt$/;
/**
 * A Python project with tests: pytest where anything mentions it, else unittest. Dependencies go into a virtual
 * environment; the project itself is installed as a link to the workspace, so that runs test their own source.
 */
export default {
  id: 'python',
  manifests: (files) =>
    files.filter(
      (path) =>
        /^(pyproject\.toml|setup\.(py|cfg)|tox\.ini|pytest\.ini|Pipfile|conftest\.py)$/.test(path) ||
        REQUIREMENTS.test(path) ||
        WORKFLOW.test(path) ||
        isPartManifest(path),
    ),
  detect(project) {
    const files = [...project.files];
    const tests = files.filter(
      (path) => /(^|\/)(test_[^/]+|[^/]+_test|tests)\.py$/.test(path) || /(^|\/)tests?\/[^/]+\.py$/.test(path),
    );
    const manifest = files.some((path) => /^(pyproject\.toml|setup\.(py|cfg))$/.test(path));
    const requirements = files.filter((path) => REQUIREMENTS.test(path)).sort();
    if (
      tests.length === 0 ||
      (!manifest && requirements.length === 0 && !tests.some((path) => path.split('/').length <= 3))
    )
      return null;
    const texts = [...requirements, 'pyproject.toml', 'setup.py', 'setup.cfg', 'tox.ini', 'Pipfile']
      .map((path) => project.read(path) ?? '')
      .join('\n');
    const hints = pythonHints(project);
    const pytest =
      /\bpytest\b/.test(`${texts}\n${hints.commands}`) ||
      files.some((path) => /(^|\/)(conftest\.py|pytest\.ini)$/.test(path));
    const cwd = project.root;
    const folder = moduleFolder(files, project.module);
    const found = folder === null ? null : pythonParts(project, folder, tests);
    // unittest searches folders.
    const parts = pytest || found?.tests.every((path) => !path.endsWith('.py')) ? found : null;
    const step = 'test' as const;
    const env = {
      PATH: `${VENV}/bin`,
      VIRTUAL_ENV: VENV,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      PYTHONHASHSEED: '0',
    };
    return {
      ...(parts === null ? {} : { roots: parts.projects.map((each) => join(cwd, each)) }),
      tools: ['python3'],
      prepare: prepareCommands(project, {
        requirements,
        manifest,
        pytest,
        hints,
        subprojects: parts?.projects ?? [],
      }),
      // Parsing every file would stumble over those that are broken on purpose; the tests import what counts.
      build: [],
      // Each part by itself: two of them may name their test modules alike.
      test: (parts?.tests.map((path) => [path]) ?? [[]]).map((path) => ({
        step,
        cwd,
        argv: pytest
          ? ([...PYTEST, ...path] as const)
          : (['python', '{kit}/run_unittest.py', '{reports}/unittest.xml', ...path] as const),
      })),
      reports: [{ format: 'junit', glob: '{reports}/*.xml' }],
      env,
      // Version tools that ask git find none in the workspace.
      prepareEnv: {
        ...env,
        PIP_NO_CACHE_DIR: '1',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PIP_NO_INPUT: '1',
        SETUPTOOLS_SCM_PRETEND_VERSION: '0.0.0',
      },
      caches: {
        keyFiles: files
          .filter(
            (path) =>
              /^(pyproject\.toml|setup\.(py|cfg)|tox\.ini|Pipfile(\.lock)?|poetry\.lock|uv\.lock)$/.test(path) ||
              WORKFLOW.test(path) ||
              parts?.projects.some((each) => path === `${each}/pyproject.toml` || path === `${each}/setup.py`) ||
              REQUIREMENTS.test(path),
          )
          .map((path) => join(cwd, path)),
        outputs: [join(cwd, '**/*.egg-info')],
        folders: [{ path: 'venv', mode: 'readonly' }],
      },
    };
  },
} satisfies Detector;

const PYTEST = [
  'python',
  '-m',
  'pytest',
  '-p',
  'no:cacheprovider',
  '--junitxml={reports}/pytest.xml',
  '-o',
  'junit_family=xunit1',
] as const;
