import { describe, expect, test } from 'vitest';
import { commandsOf, packageJson, recipeOf } from '../test/recipe-of.ts';

type Files = Record<string, string>;

const nodePackage = (name: string, more: object = {}) =>
  JSON.stringify({ name, scripts: { test: 'node test.js' }, ...more });
const node: Files = {
  'package.json': packageJson({ test: 'npm test --workspaces' }, { workspaces: ['packages/*'] }),
  'package-lock.json': '{}',
  'packages/a/package.json': nodePackage('@x/a'),
  'packages/b/package.json': nodePackage('@x/b', { peerDependencies: { '@x/a': '*' }, scripts: {} }),
  'packages/c/package.json': nodePackage('@x/c', { devDependencies: { '@x/b': '*' } }),
  'packages/d/package.json': nodePackage('@x/d'),
  'packages/d/tsconfig.json': '{ "references": [{ "path": "../e/tsconfig.json" }] }',
  'packages/e/package.json': nodePackage('@x/e'),
};

const pom = (name: string, body = '') =>
  `<project><parent><artifactId>root</artifactId></parent><artifactId>${name}</artifactId>${body}</project>`;
const dependencies = (...names: string[]) =>
  `<dependencies>${names.map((name) => `<dependency><artifactId>${name}</artifactId></dependency>`).join('')}</dependencies>`;
const modules = (...names: string[]) =>
  `<modules>${names.map((name) => `<module>${name}</module>`).join('')}</modules>`;
const maven: Files = {
  'pom.xml': `<project><artifactId>root</artifactId>${modules('core', 'web', 'site', 'tools', 'group')}</project>`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a property of Maven.
  'core/pom.xml': pom('core_${scala}'),
  'web/pom.xml': pom('web', dependencies('core_2.13')),
  'site/pom.xml': pom('site', `<profiles><profile>${dependencies('web')}</profile></profiles>`),
  'tools/pom.xml': pom('tools', dependencies('core-tests')),
  'group/pom.xml': pom('group', modules('inner')),
  'group/inner/pom.xml': pom('inner'),
};

const cargoMember = (name: string, more = '') => `[package]\nname = "${name}"\nversion = "0.1.0"\n${more}`;
const cargo: Files = {
  'Cargo.toml':
    '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n[workspace.dependencies]\nparse = { path = "crates/parser", package = "text-parser" }\n',
  'crates/parser/Cargo.toml': cargoMember('text-parser'),
  'crates/fmt/Cargo.toml': cargoMember('text-fmt', '[target."cfg(unix)".dev-dependencies]\nparse.workspace = true\n'),
  'crates/cli/Cargo.toml': cargoMember(
    'text-cli',
    '[build-dependencies]\nf = { path = "../fmt", package = "text-fmt" }\n[dependencies]\nextra = { path = "../../extra" }\n',
  ),
  'crates/old/Cargo.toml': cargoMember('old', '[dependencies]\ntext-parser = "1"\n'),
  'crates/lone/Cargo.toml': cargoMember('lone'),
  'extra/Cargo.toml': cargoMember('extra', '[dependencies]\nlone = { path = "../crates/lone" }\n'),
};

const gradle: Files = {
  gradlew: '',
  'gradle/wrapper/gradle-wrapper.properties': '',
  'settings.gradle.kts': 'include(\n  ":core",\n  ":web-app",\n  ":tools",\n)\n',
  'core/build.gradle.kts': '',
  'web-app/build.gradle.kts': 'dependencies { testImplementation(projects.core) }\n',
  'tools/build.gradle': '',
};

const dotnetProject = (...references: string[]) =>
  `<Project>${references.map((each) => `<ProjectReference Include="${each}" />`).join('')}</Project>`;
const dotnet: Files = {
  'shop.sln': '',
  'src/Cart/Cart.csproj': dotnetProject(),
  'src/Web/Web.csproj': dotnetProject('..\\Cart\\Cart.csproj'),
  'test/Web.Tests/Web.Tests.csproj': `${dotnetProject('..\\..\\src\\Web\\Web.csproj')}<!-- Microsoft.NET.Test.Sdk -->`,
  'src/Lone/Lone.csproj': dotnetProject(),
};

const python: Files = {
  'mail/pyproject.toml': '[project]\nname = "post.mail"\n[tool.pytest.ini_options]\n',
  'mail/tests/test_mail.py': '',
  'chat/pyproject.toml': '[project]\nname = "chat"\ndependencies = ["Post_Mail>=1"]\n',
  'chat/tests/test_chat.py': '',
  'shop/setup.py': 'setup(name="shop")',
  'shop/requirements.txt': '-e ../chat\n',
  'shop/test_shop.py': '',
  'lone/setup.py': 'setup(name="lone")',
  'lone/test_lone.py': '',
  'conftest.py': '',
  'pyproject.toml': '[project]\nname = "root"\n',
};

describe('what needs the module is tested with it', () => {
  test.each<[string, Files, string, string[], string[]]>([
    [
      'npm: by name, through packages without tests too',
      node,
      'a',
      ['packages/a', 'packages/b', 'packages/c'],
      ['packages/a: npm test', 'packages/c: npm test'],
    ],
    [
      'npm: by a reference of TypeScript',
      node,
      'e',
      ['packages/e', 'packages/d'],
      ['packages/e: npm test', 'packages/d: npm test'],
    ],
    ['npm: nobody', node, 'c', ['packages/c'], ['packages/c: npm test']],
    [
      'Maven: through others, by a profile and by a name with a property',
      maven,
      'core',
      ['core', 'web', 'site'],
      ['mvn -B -ntp -Dmaven.repo.local={cache}/m2 -o -fae -pl core,web,site -am test'],
    ],
    [
      'Maven: what lies below the module',
      maven,
      'group',
      ['group', 'group/inner'],
      ['mvn -B -ntp -Dmaven.repo.local={cache}/m2 -o -fae -pl group,group/inner -am test'],
    ],
    [
      'Cargo: by renamed, inherited, conditional and build dependencies',
      cargo,
      'parser',
      ['crates/parser', 'crates/fmt', 'crates/cli'],
      ['cargo test --offline --no-fail-fast -p text-parser -p text-fmt -p text-cli'],
    ],
    [
      'Cargo: a package that is a member by its path alone',
      cargo,
      'lone',
      ['crates/lone', 'extra', 'crates/cli'],
      ['cargo test --offline --no-fail-fast -p lone -p extra -p text-cli'],
    ],
    [
      '.NET: the tests that reach it',
      dotnet,
      'Cart',
      ['src/Cart', 'src/Web', 'test/Web.Tests'],
      ['dotnet test --no-build --logger trx --results-directory {reports} test/Web.Tests/Web.Tests.csproj'],
    ],
    [
      'Python: projects that name it or another in between',
      python,
      'mail',
      ['mail', 'chat', 'shop'],
      ['mail', 'chat', 'shop'].map(
        (folder) =>
          `python -m pytest -p no:cacheprovider --junitxml={reports}/pytest.xml -o junit_family=xunit1 ${folder}`,
      ),
    ],
  ])('%s', async (_what, files, module, roots, tests) => {
    const recipe = await recipeOf(files, { module });
    expect([...recipe.roots].sort()).toEqual([...roots].sort());
    expect(commandsOf({ ...recipe, prepare: [], build: [] })).toEqual(tests);
  });
});

describe('where that cannot be told, everything is tested', () => {
  test.each<[string, Files, string]>([
    [
      'npm: the root needs it',
      {
        ...node,
        'package.json': packageJson({ test: 'x' }, { workspaces: ['packages/*'], dependencies: { '@x/b': '*' } }),
      },
      'a',
    ],
    ['npm: tests that belong to no package', { ...node, 'e2e/shop.test.ts': '' }, 'c'],
    [
      'npm: other names for sources',
      { ...node, 'tsconfig.base.json': '{ "paths": { "@y/*": ["./packages/*"] } }' },
      'c',
    ],
    ['npm: a manifest that cannot be read', { ...node, 'packages/c/package.json': '{' }, 'a'],
    [
      'Maven: the root needs it',
      { ...maven, 'pom.xml': maven['pom.xml']?.replace('</project>', `${dependencies('tools')}</project>`) ?? '' },
      'tools',
    ],
    ['Maven: a pom that cannot be read', { ...maven, 'site/pom.xml': '<project>' }, 'web'],
    [
      'Maven: a module of a profile',
      {
        ...maven,
        'pom.xml':
          maven['pom.xml']?.replace(/<modules>.*<\/modules>/, '<profiles><profile>$&</profile></profiles>') ?? '',
      },
      'core',
    ],
    [
      'Cargo: the root needs it',
      {
        ...cargo,
        'Cargo.toml': `${cargo['Cargo.toml']}[package]\nname = "root"\n[dependencies]\nlone = { path = "crates/lone" }\n`,
      },
      'lone',
    ],
    [
      'Cargo: a manifest that cannot be read',
      { ...cargo, 'crates/old/Cargo.toml': '', 'crates/fmt/Cargo.toml': '[' },
      'parser',
    ],
    ['Gradle: another project needs it', gradle, 'core'],
    [
      'Gradle: settings that are computed',
      { ...gradle, 'settings.gradle.kts': 'for (name in names) include(name)\ninclude(":tools")\n' },
      'tools',
    ],
    [
      'Gradle: what all projects share names it',
      { ...gradle, 'build.gradle.kts': 'subprojects { dependencies { add("api", project(":tools")) } }\n' },
      'tools',
    ],
    ['.NET: no test reaches it', dotnet, 'Lone'],
    ['Python: a project without a name', { ...python, 'lone/setup.py': 'setup()' }, 'lone'],
  ])('%s', async (_what, files, module) => {
    expect((await recipeOf(files, { module })).roots).toEqual(['']);
  });

  test('Gradle: a project that nobody needs is tested alone', async () => {
    expect((await recipeOf(gradle, { module: 'tools' })).roots).toEqual(['tools']);
  });
});
