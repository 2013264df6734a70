import { join } from 'node:path/posix';
import { parse } from 'smol-toml';
import { z } from 'zod';
import type { Detector, Project } from '../detector.ts';
import type { RecipeCommand } from '../recipe.ts';

const VENV = '{cache}/venv';
/** requirements.txt, and of others those for tests: not for documentation or typing. */
const REQUIREMENTS =
  /^(requirements|(?:requirements|reqs)[\w./-]*(?:test|dev|ci)[\w.-]*|(?:test|dev)[\w-]*requirements)\.txt$/;
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
  const pyproject = readPyproject(project.read('pyproject.toml'));
  const commands = [command('python3', '-m', 'venv', VENV)];
  if (found.requirements.length > 0)
    commands.push(command('pip', 'install', ...found.requirements.flatMap((path) => ['-r', path])));
  // A pyproject.toml may only configure tools; then there is nothing to install.
  const installable = project.files.has('setup.py') || project.files.has('setup.cfg') || pyproject.installable;
  if (found.manifest && installable)
    commands.push(
      command('pip', 'install', '-e', pyproject.extras.length > 0 ? `.[${pyproject.extras.join(',')}]` : '.'),
    );
  if (pyproject.groups.length > 0) {
    // The pip that a Python brings along may be older than dependency groups.
    commands.push(command('pip', 'install', '--upgrade', 'pip'));
    commands.push(command('pip', 'install', ...pyproject.groups.flatMap((group) => ['--group', group])));
  }
  // Named in a configuration that pip does not read, or only used.
  if (found.pytest) commands.push(command('sh', '-c', 'python -c "import pytest" 2>/dev/null || pip install pytest'));
  return commands;
}

const Pyproject = z.object({
  'build-system': z.unknown().optional(),
  project: z.object({ 'optional-dependencies': z.record(z.string(), z.unknown()).catch({}) }).optional(),
  'dependency-groups': z.record(z.string(), z.unknown()).catch({}),
});

/** What of pyproject.toml decides how it is installed; broken TOML counts as none, which pip then says better. */
function readPyproject(text = ''): { installable: boolean; extras: string[]; groups: string[] } {
  const named = (record: Record<string, unknown> = {}) => TEST_EXTRAS.filter((name) => name in record);
  try {
    const parsed = Pyproject.parse({ 'dependency-groups': {}, ...parse(text) });
    return {
      installable: parsed['build-system'] !== undefined || parsed.project !== undefined,
      extras: named(parsed.project?.['optional-dependencies']),
      groups: named(parsed['dependency-groups']),
    };
  } catch {
    return { installable: text !== '', extras: [], groups: [] };
  }
}
