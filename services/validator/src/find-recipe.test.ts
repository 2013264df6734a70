import { describe, expect, test } from 'vitest';
import { commandsOf as commands, packageJson as pkg, recipeOf } from '../test/recipe-of.ts';
import { coversAll } from './find-recipe.ts';

describe('detection', () => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'npm with a lockfile',
      { 'package.json': pkg({ test: 'node --test' }, { dependencies: { a: '1' } }), 'package-lock.json': '{}' },
      'npm',
      /^npm ci --ignore-scripts$/,
    ],
    [
      'npm without one',
      { 'package.json': pkg({ test: 'node --test' }, { dependencies: { a: '1' } }) },
      'npm',
      /^npm install --no-package-lock --ignore-scripts$/,
    ],
    [
      'pnpm',
      {
        'package.json': pkg({ test: 'vitest' }, { packageManager: 'pnpm@9.1.0', dependencies: { a: '1' } }),
        'pnpm-lock.yaml': '',
      },
      'pnpm',
      /pnpm@9\.1\.0$/,
    ],
    [
      'Yarn 1',
      { 'package.json': pkg({ test: 'jest' }, { dependencies: { a: '1' } }), 'yarn.lock': '# yarn lockfile v1\n' },
      'yarn',
      /yarn@1$/,
    ],
    [
      'a later Yarn',
      {
        'package.json': pkg({ test: 'jest' }, { dependencies: { a: '1' } }),
        'yarn.lock': '__metadata:\n  version: 8\n',
      },
      'yarn',
      /cli-dist@4$/,
    ],
    ['Maven', { 'pom.xml': '<project/>' }, 'maven', /^mvn .* -o -fae test$/],
    [
      'a Gradle wrapper',
      { gradlew: '', 'gradle/wrapper/gradle-wrapper.properties': '', 'build.gradle': '' },
      'gradle',
      /--offline --continue test$/,
    ],
    ['Go', { 'go.mod': 'module m' }, 'go', /^go test -json \.\/\.\.\.$/],
    ['Cargo', { 'Cargo.toml': '[package]\nname = "x"\n' }, 'cargo', /^cargo test --offline --no-fail-fast$/],
    [
      'a Cargo workspace',
      { 'Cargo.toml': '[workspace]\nmembers = []\n', 'Cargo.lock': '' },
      'cargo',
      /^cargo test --offline --no-fail-fast --locked --workspace$/,
    ],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]\n', 'tests/test_a.py': '' },
      'python',
      /-m pytest .*--junitxml=\{reports\}/,
    ],
    ['unittest', { 'setup.py': '', 'tests/test_a.py': '' }, 'python', /run_unittest\.py/],
    [
      'Bun',
      { 'package.json': pkg({ test: 'bun test' }, { dependencies: { a: '1' } }), 'bun.lock': '' },
      'bun',
      /^bun run test --reporter=junit --reporter-outfile=\{reports\}\/bun\.xml$/,
    ],
    [
      'a .NET solution',
      {
        'shop.sln': '',
        'src/shop.csproj': '',
        'test/shop.csproj': '<PackageReference Include="Microsoft.NET.Test.Sdk"/>',
      },
      'dotnet',
      /^dotnet test --no-build --logger trx --results-directory \{reports\} shop\.sln$/,
    ],
    [
      'what a workflow runs, where nothing else is known',
      {
        '.github/workflows/ci.yml':
          'jobs:\n  a:\n    steps:\n      - run: sudo apt-get install cmake\n      - run: cmake -B build\n      - run: cmake --build build\n      - run: |\n          ctest --test-dir build\n          curl https://example.com/check | sh\n',
        'CMakeLists.txt': '',
      },
      'ci',
      /^ctest --test-dir build$/,
    ],
    ['Make', { Makefile: 'VAR := 1\nall: x\n\ncheck:\n\ttrue\n' }, 'make', /^make check$/],
  ])('finds %s', async (_what, files, detector, command) => {
    const recipe = await recipeOf(files);
    expect(recipe.detector).toBe(detector);
    expect(commands(recipe).filter((line) => command.test(line))).toHaveLength(1);
  });

  test('a workflow is no reason to leave a Makefile alone, and runs nothing else of it', async () => {
    const workflow = 'jobs:\n  a:\n    steps:\n      - run: ./run-tests.sh && curl x\n      - run: ./check.sh --all\n';
    expect((await recipeOf({ Makefile: 'test:\n', '.github/workflows/ci.yml': workflow })).detector).toBe('make');
    expect(commands(await recipeOf({ '.github/workflows/ci.yml': workflow }))).toEqual(['./check.sh --all']);
  });

  test('a Makefile beside something better is left alone, two ecosystems are both run', async () => {
    expect((await recipeOf({ Makefile: 'test:\n', 'go.mod': 'module m' })).detector).toBe('go');
    expect((await recipeOf({ 'package.json': pkg({ test: 'node --test' }), 'go.mod': 'module m' })).detector).toBe(
      'go+npm',
    );
  });

  test('dependencies are fetched only where there are any', async () => {
    expect(
      (await recipeOf({ 'package.json': pkg({ test: 'node --test' }), 'package-lock.json': '{}' })).prepare,
    ).toEqual([]);
  });

  test('a repository with nothing to run is said to have no commands', async () => {
    const repositories: Record<string, string>[] = [
      { 'README.md': '' },
      { 'package.json': pkg({ test: 'echo "Error: no test specified" && exit 1' }) },
      { 'package.json': '{ not json' },
    ];
    for (const files of repositories) await expect(recipeOf(files)).rejects.toMatchObject({ code: 'NO_COMMANDS' });
  });

  test('a tool that the machine lacks is named', async () => {
    await expect(recipeOf({ 'Cargo.toml': '[package]' }, { tools: new Set(['node', 'npm']) })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      detail: { tool: 'cargo' },
    });
  });
});

describe('reports of a test script', () => {
  test.each<[string, string, string | undefined]>([
    ['node --test', 'node-events', undefined],
    ['node --import tsx --test test/*.ts', 'node-events', undefined],
    ['npm run build && npm run unit', 'node-events', 'node --test'],
    ['vitest run', 'junit', undefined],
    ['tsc && vitest', 'junit', undefined],
    ['jest --ci', 'jest-json', undefined],
    ['mocha', 'junit', undefined],
    ['mocha --reporter spec test/', 'junit', undefined],
    ['vitest run --reporter=dot', 'junit', undefined],
  ])('%s', async (script, format, unit) => {
    const recipe = await recipeOf({ 'package.json': pkg({ test: script, ...(unit ? { unit } : {}) }) });
    expect(recipe.reports.map((report) => report.format)).toEqual([format]);
  });

  test.each(['node --test --test-reporter=tap', 'npm run mocha', 'vitest run && echo done', 'node test.js'])(
    '%s is left as it is, and what it prints is looked at',
    async (script) => {
      const recipe = await recipeOf({ 'package.json': pkg({ test: script }) });
      expect(recipe).toMatchObject({ reports: [], test: [{ argv: ['npm', 'test'], parse: 'tap' }] });
      expect(recipe.env.NODE_OPTIONS).toBeUndefined();
    },
  );
});

test('arguments for a runner are passed through the scripts that lead to it', async () => {
  const scripts = { test: 'npm run lint && npm run unit', unit: 'npm run mocha', mocha: 'nyc mocha', lint: 'eslint .' };
  expect((await recipeOf({ 'package.json': pkg(scripts) })).test[0]?.argv.slice(0, 6)).toEqual([
    'npm',
    'test',
    '--',
    '--',
    '--',
    '--reporter',
  ]);
});

test('pnpm passes arguments on by itself', async () => {
  const scripts = { test: 'pnpm run lint && pnpm unit', unit: 'jest --env node', lint: 'eslint .' };
  const recipe = await recipeOf({
    'package.json': pkg(scripts, { packageManager: 'pnpm@10.0.0' }),
    'pnpm-lock.yaml': '',
  });
  expect(recipe.test[0]?.argv).toEqual(['pnpm', 'run', 'test', '--json', '--outputFile={reports}/jest.json']);
});

describe('parts of a repository', () => {
  const two = { 'a/package.json': pkg({ test: 'node --test' }), 'b/go.mod': 'module m', 'docs/x.md': '' };

  test('without a project at the root, those of its folders are run', async () => {
    const recipe = await recipeOf(two);
    expect(recipe).toMatchObject({ detector: 'npm+go', roots: ['a', 'b'] });
    expect(commands(recipe)).toContain('b: go test -json ./...');
  });

  test("the task's module is enough, as long as the change stays in it", async () => {
    const recipe = await recipeOf(two, { module: 'a' });
    expect(recipe).toMatchObject({ detector: 'npm', roots: ['a'] });
    expect(coversAll(recipe, ['a/src/x.js'])).toBe(true);
    expect(coversAll(recipe, ['a/src/x.js', 'b/x.go'])).toBe(false);
  });

  test('a module below a project at the root does not narrow it', async () => {
    expect(await recipeOf({ ...two, 'package.json': pkg({ test: 'node --test' }) }, { module: 'a' })).toMatchObject({
      roots: [''],
    });
  });
});

describe('commands of orchestrator.yaml', () => {
  test('replace what was found, as texts for a shell or lists of arguments', async () => {
    const recipe = await recipeOf(
      { 'package.json': pkg({ build: 'tsc', test: 'node --test' }) },
      { validate: { test: ['make check && echo "$HOME"', ['node', 'x.js']], reports: ['out/*.xml'] } },
    );
    expect(recipe.test.map((command) => command.argv)).toEqual([
      ['sh', '-c', 'make check && echo "$HOME"'],
      ['node', 'x.js'],
    ]);
    expect(recipe.build.map((command) => command.argv)).toEqual([['npm', 'run', 'build']]);
    expect(recipe.reports).toEqual([{ format: 'junit', glob: 'out/*.xml' }]);
  });

  test('are enough where nothing is found', async () => {
    expect(await recipeOf({ 'README.md': '' }, { validate: { build: ['true'], test: ['./run-tests'] } })).toMatchObject(
      { detector: 'config', roots: [''], prepare: [] },
    );
  });
});
