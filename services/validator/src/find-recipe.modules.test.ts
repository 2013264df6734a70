import { describe, expect, test } from 'vitest';
import { commandsOf, packageJson, recipeOf } from '../test/recipe-of.ts';
import { coversAll } from './find-recipe.ts';

const nodeWorkspace = {
  'package.json': packageJson({ test: 'npm test --workspaces', build: 'tsc -b' }, { workspaces: ['packages/*'] }),
  'package-lock.json': '{}',
  'packages/a/package.json': JSON.stringify({ name: '@x/first', scripts: { test: 'vitest run' } }),
  'packages/b/package.json': JSON.stringify({ name: '@x/second' }),
  'other/c/package.json': packageJson({ test: 'mocha' }),
};
const POM = (modules: string[]) =>
  `<project><artifactId>root</artifactId><modules>${modules.map((name) => `<module>${name}</module>`).join('')}</modules>${managed('core')}</project>`;
/** The root of a reactor manages versions of its modules: that is no use of them. */
const managed = (name: string) =>
  `<dependencyManagement><dependencies>${needs(name)}</dependencies></dependencyManagement>`;
const needs = (name: string) => `<dependency><groupId>g</groupId><artifactId>${name}</artifactId></dependency>`;
const MODULE = (name: string, ...used: string[]) =>
  `<project><parent><artifactId>root</artifactId></parent><artifactId>${name}</artifactId><dependencies>${used.map(needs).join('')}</dependencies></project>`;
const maven = {
  'pom.xml': POM(['core', 'apps']),
  'core/pom.xml': MODULE('core'),
  'apps/pom.xml': POM(['web']).replace('>root<', '>apps<'),
  'apps/web/pom.xml': MODULE('web', 'other'),
  'extra/pom.xml': MODULE('extra', 'core'),
};
const gradle = {
  gradlew: '',
  'gradle/wrapper/gradle-wrapper.properties': '',
  'settings.gradle.kts': 'include(":core", ":apps:web")\n',
  'core/build.gradle.kts': 'dependencies { implementation("g:core:1") }\n',
  'apps/web/build.gradle.kts': 'dependencies { implementation(project(":core:api")) }\n',
  'docs/x.md': '',
};
const go = {
  'go.mod': 'module m',
  'main.go': '',
  'internal/store/store.go': '',
  'docs/x.md': '',
  'tools/go.mod': 'module t',
  'tools/x.go': '',
};
const cargo = {
  'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
  'crates/parser/Cargo.toml': '[package]\nname = "text-parser"\n',
  'crates/cli/Cargo.toml': '[package]\nedition = "2021"\nname = "text-cli"\n[dependencies]\nparser = "1"\n',
};
const python = {
  'pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\n',
  'tests/test_a.py': '',
  'services/mail/pyproject.toml': '[project]\nname = "mail"\n',
  'services/mail/tests/test_mail.py': '',
  'services/chat/pyproject.toml': '[project]\nname = "chat"\ndependencies = ["mailer"]\n',
  'services/chat/chat.py': '',
  'services/chat/tests/test_chat.py': '',
  'plain/tests/test_plain.py': '',
};

describe("the task's module narrows what runs", () => {
  test.each<[string, Record<string, string>, string, string, string]>([
    [
      'npm workspaces, by folder',
      nodeWorkspace,
      'packages/a',
      'packages/a',
      'packages/a: npm test -- --reporter=default --reporter=junit --outputFile.junit={reports}/vitest.xml',
    ],
    [
      'npm workspaces, by the name of the package',
      nodeWorkspace,
      '@x/first',
      'packages/a',
      'packages/a: npm test -- --reporter=default --reporter=junit --outputFile.junit={reports}/vitest.xml',
    ],
    [
      'pnpm',
      {
        ...nodeWorkspace,
        'package.json': packageJson({ test: 'pnpm -r test' }),

        'pnpm-lock.yaml': '',
        'pnpm-workspace.yaml': 'packages: ["packages/*"]\n',
      },
      'a',
      'packages/a',
      'packages/a: pnpm run test --reporter=default --reporter=junit --outputFile.junit={reports}/vitest.xml',
    ],
    [
      'Maven, with what the module needs',
      maven,
      'core',
      'core',
      'mvn -B -ntp -Dmaven.repo.local={cache}/m2 -o -fae -pl core -am test',
    ],
    [
      'a module below a module',
      maven,
      'web',
      'apps/web',
      'mvn -B -ntp -Dmaven.repo.local={cache}/m2 -o -fae -pl apps/web -am test',
    ],
    [
      'Gradle, by the path of the project',
      gradle,
      ':apps:web',
      'apps/web',
      'sh ./gradlew --no-daemon --console=plain --offline --continue :apps:web:test',
    ],
    [
      'Go, by the folder of the packages',
      go,
      'internal/store',
      'internal/store',
      'sh {kit}/go-test-dependents.sh internal/store m/internal/store',
    ],
    ['Cargo, by folder', cargo, 'parser', 'crates/parser', 'cargo test --offline --no-fail-fast -p text-parser'],
    [
      'Cargo, by the name of the package',
      cargo,
      'text-cli',
      'crates/cli',
      'cargo test --offline --no-fail-fast -p text-cli',
    ],
    [
      'a Python project within another',
      python,
      'mail',
      'services/mail',
      'python -m pytest -p no:cacheprovider --junitxml={reports}/pytest.xml -o junit_family=xunit1 services/mail',
    ],
  ])('%s', async (_what, files, module, root, command) => {
    const recipe = await recipeOf(files, { module });
    expect(recipe.roots).toEqual([root]);
    expect(commandsOf(recipe)).toContain(command);
    expect(coversAll(recipe, [`${root}/src/x`])).toBe(true);
    expect(coversAll(recipe, [`${root}/src/x`, 'README.md'])).toBe(false);
  });

  test.each<[string, Record<string, string>, string]>([
    ['a folder that is no workspace', nodeWorkspace, 'other/c'],
    ['a package without tests of its own', nodeWorkspace, 'packages/b'],
    ['a pom that no other names', maven, 'extra'],
    ['a folder that settings.gradle does not include', gradle, 'docs'],
    ['a folder without Go files', go, 'docs'],
    ['a package that is none', cargo, 'text'],
    ['a folder that is no Python project of its own', python, 'plain'],
    ['a folder that is not there', python, 'nowhere'],
  ])('%s does not', async (_what, files, module) => {
    expect((await recipeOf(files, { module })).roots).toEqual(['']);
  });

  test('the tests of the root belong to every Python project', async () => {
    const recipe = await recipeOf(python, { module: 'mail' });
    expect(recipe.test.map(({ argv }) => argv.at(-1))).toEqual(['services/mail', 'plain', 'tests']);
  });

  test('a module of another ecosystem is a project of its own', async () => {
    const files = { ...nodeWorkspace, 'backend/go.mod': 'module m', 'backend/x.go': '' };
    expect(await recipeOf(files, { module: 'backend' })).toMatchObject({ detector: 'go', roots: ['backend'] });
    expect(await recipeOf(files)).toMatchObject({ detector: 'npm', roots: [''] });
  });

  test('a Go workspace is tested module by module', async () => {
    const recipe = await recipeOf({
      'go.work': 'go 1.21\n\nuse (\n\t./a\n\t./b\n)\n',
      'a/go.mod': 'module a',
      'b/go.mod': 'module b',
    });
    expect(commandsOf(recipe)).toContain('go test -json ./a/... ./b/...');
    expect(recipe.env.GOFLAGS).toBeUndefined();
  });
});
