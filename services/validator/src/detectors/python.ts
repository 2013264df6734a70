import { join } from 'node:path/posix';
import type { Detector } from '../detector.ts';
import { moduleFolder } from '../module-folder.ts';
import { pythonHints } from '../python-hints.ts';
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
        WORKFLOW.test(path),
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
    // The part of the tests that lies in the module; without any, all of them are for it.
    const part = folder !== null && tests.some((path) => path.startsWith(`${folder}/`)) ? folder : null;
    const subproject =
      part !== null && (project.files.has(`${part}/pyproject.toml`) || project.files.has(`${part}/setup.py`))
        ? part
        : null;
    const step = 'test' as const;
    const env = {
      PATH: `${VENV}/bin`,
      VIRTUAL_ENV: VENV,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      PYTHONHASHSEED: '0',
    };
    return {
      ...(part === null ? {} : { roots: [join(cwd, part)] }),
      tools: ['python3'],
      prepare: prepareCommands(project, { requirements, manifest, pytest, hints, subproject }),
      // Parsing every file would stumble over those that are broken on purpose; the tests import what counts.
      build: [],
      test: [
        pytest
          ? {
              step,
              cwd,
              argv: [
                'python',
                '-m',
                'pytest',
                '-p',
                'no:cacheprovider',
                '--junitxml={reports}/pytest.xml',
                '-o',
                'junit_family=xunit1',
                ...(part === null ? [] : [part]),
              ],
            }
          : {
              step,
              cwd,
              argv: ['python', '{kit}/run_unittest.py', '{reports}/unittest.xml', ...(part === null ? [] : [part])],
            },
      ],
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
              path === `${subproject}/pyproject.toml` ||
              path === `${subproject}/setup.py` ||
              REQUIREMENTS.test(path),
          )
          .map((path) => join(cwd, path)),
        outputs: [join(cwd, '**/*.egg-info')],
        folders: [{ path: 'venv', mode: 'readonly' }],
      },
    };
  },
} satisfies Detector;
