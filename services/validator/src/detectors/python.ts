import { join } from 'node:path/posix';
import type { Detector, Project } from '../detector.ts';
import type { RecipeCommand } from '../recipe.ts';

const VENV = '{cache}/venv';
const REQUIREMENTS = /^(requirements[\w.-]*|(?:requirements|reqs)\/[\w.-]+)\.txt$/;
/** Names that projects give to what their tests need. */
const TEST_EXTRAS = ['test', 'tests', 'testing', 'dev'];

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
        REQUIREMENTS.test(path),
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
    const pytest = /\bpytest\b/.test(texts) || files.some((path) => /(^|\/)(conftest\.py|pytest\.ini)$/.test(path));
    const cwd = project.root;
    const step = 'test' as const;
    const env = {
      PATH: `${VENV}/bin`,
      VIRTUAL_ENV: VENV,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      PYTHONHASHSEED: '0',
    };
    return {
      tools: ['python3'],
      prepare: prepareCommands(project, { requirements, manifest, pytest }),
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
              ],
            }
          : { step, cwd, argv: ['python', '{kit}/run_unittest.py', '{reports}/unittest.xml'] },
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
              /^(pyproject\.toml|setup\.(py|cfg)|Pipfile(\.lock)?|poetry\.lock|uv\.lock)$/.test(path) ||
              REQUIREMENTS.test(path),
          )
          .map((path) => join(cwd, path)),
        outputs: [join(cwd, '**/*.egg-info')],
        folders: [{ path: 'venv', mode: 'readonly' }],
      },
    };
  },
} satisfies Detector;

function prepareCommands(
  project: Project,
  found: { readonly requirements: readonly string[]; readonly manifest: boolean; readonly pytest: boolean },
): RecipeCommand[] {
  const command = (...argv: [string, ...string[]]): RecipeCommand => ({ step: 'prepare', cwd: project.root, argv });
  const pyproject = project.read('pyproject.toml') ?? '';
  const commands = [command('python3', '-m', 'venv', VENV)];
  if (found.requirements.length > 0)
    commands.push(command('pip', 'install', ...found.requirements.flatMap((path) => ['-r', path])));
  // A pyproject.toml may only configure tools; then there is nothing to install.
  const installable =
    project.files.has('setup.py') ||
    project.files.has('setup.cfg') ||
    /^\s*\[(build-system|project)\]/m.test(pyproject);
  if (found.manifest && installable) {
    const extras = TEST_EXTRAS.filter((name) =>
      new RegExp(`^\\s*\\[project\\.optional-dependencies\\][^[]*?(^|\\n)\\s*${name}\\s*=`, 'm').test(pyproject),
    );
    commands.push(command('pip', 'install', '-e', extras.length > 0 ? `.[${extras.join(',')}]` : '.'));
  }
  if (/^\s*\[dependency-groups\]/m.test(pyproject))
    commands.push(command('sh', '-c', 'pip install --group dev || pip install --group test || true'));
  // Named in a configuration that pip does not read, or only used.
  if (found.pytest) commands.push(command('sh', '-c', 'python -c "import pytest" 2>/dev/null || pip install pytest'));
  return commands;
}
