import { describe, expect, test } from 'vitest';
import { commandsOf, recipeOf } from '../test/recipe-of.ts';

const TESTS = { 'tests/test_a.py': '' };
const prepared = async (files: Record<string, string>) =>
  commandsOf(await recipeOf({ ...TESTS, ...files })).slice(0, -1);

describe('what a Python project is installed with', () => {
  test('uv.lock is exported for pip, with the groups and extras for tests', async () => {
    const pyproject =
      '[project]\nname = "x"\n[project.optional-dependencies]\ntest = ["a"]\nfast = ["b"]\n[dependency-groups]\ntests = ["pytest"]\ndocs = ["sphinx"]\n';
    expect(await prepared({ 'pyproject.toml': pyproject, 'uv.lock': '' })).toEqual([
      'python3 -m venv {cache}/venv',
      'python3 -m venv {cache}/tools',
      '{cache}/tools/bin/pip install uv',
      '{cache}/tools/bin/uv export --quiet --offline --frozen --no-emit-workspace --no-hashes --extra test --group tests --output-file {cache}/locked.txt',
      'pip install -r {cache}/locked.txt',
      'pip install -e .[test]',
      expect.stringContaining('pip install pytest'),
    ]);
  });

  test('poetry.lock is exported for pip', async () => {
    const pyproject =
      '[tool.poetry]\nname = "x"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n[build-system]\nrequires = ["poetry-core"]\n';
    expect(await prepared({ 'pyproject.toml': pyproject, 'poetry.lock': '' })).toEqual([
      'python3 -m venv {cache}/venv',
      'python3 -m venv {cache}/tools',
      '{cache}/tools/bin/pip install poetry poetry-plugin-export',
      '{cache}/tools/bin/poetry export --without-hashes --with dev --output {cache}/locked.txt',
      'pip install -r {cache}/locked.txt',
      'pip install -e .',
      expect.stringContaining('pip install pytest'),
    ]);
  });

  test('tox.ini says what its tests need, and that they are for pytest', async () => {
    const tox =
      '[tox]\nenvlist = py3\n\n[testenv]\ndeps =\n    pytest>=7\n    py39: old\n    -r requirements-ci.txt\n    -rmissing.txt\n    {toxinidir}/x\nextras = test\ncommands = pytest {posargs}\n\n[testenv:lint]\ndeps = flake8\n';
    const setup = '[project]\nname = "x"\n[project.optional-dependencies]\ntest = []\n';
    expect(await prepared({ 'tox.ini': tox, 'pyproject.toml': setup, 'requirements-ci.txt': 'x' })).toEqual([
      'python3 -m venv {cache}/venv',
      'pip install -r requirements-ci.txt',
      'pip install -e .[test]',
      'pip install pytest>=7',
      expect.stringContaining('pip install pytest'),
    ]);
  });

  test('a workflow says which requirements and extras its tests are run with', async () => {
    const workflow =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a file.
      'on: push\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          pip install -r ci/deps.txt\n          pip install -e ".[speed]"\n          pip install ${{ matrix.x }}\n          python -m pytest\n';
    const files = {
      '.github/workflows/ci.yml': workflow,
      'ci/deps.txt': 'x',
      'setup.py': '',
      'pyproject.toml': '[project]\nname = "x"\n[project.optional-dependencies]\nspeed = []\n',
    };
    expect(await prepared(files)).toEqual([
      'python3 -m venv {cache}/venv',
      'pip install -r ci/deps.txt',
      'pip install -e .[speed]',
      expect.stringContaining('pip install pytest'),
    ]);
  });

  test.each(['jobs: [', 'jobs: 1', 'jobs:\n  a:\n    steps: x\n', '&a [*a, *a]', ''])(
    'a workflow that is none (%j) changes nothing',
    async (workflow) => {
      expect(await prepared({ '.github/workflows/ci.yml': workflow, 'setup.py': '' })).toEqual([
        'python3 -m venv {cache}/venv',
        'pip install -e .',
      ]);
    },
  );
});
