import { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { describe, expect, test } from 'vitest';
import { type Contents, checkInput } from '../../test/check-input.ts';
import dependencies from './dependencies.ts';

async function found(before: Contents, after: Contents, policy: object = {}): Promise<string[]> {
  const { validate } = OrchestratorConfig.parse({ validate: { dependencies: policy } });
  return (await dependencies.run(checkInput(before, after, { validate }))).map(
    ({ code, file, line }) => `${code} ${file}:${line ?? ''}`,
  );
}
const json = (value: unknown) => JSON.stringify(value, null, 2);
const manifest = (dependencies: object, more: object = {}) => json({ name: 'app', dependencies, ...more });
const entry = (version: string, more: object = {}) => ({
  version,
  resolved: `https://packages.test/x-${version}.tgz`,
  integrity: `sha512-${version}`,
  ...more,
});
const lock = (packages: Record<string, object>) =>
  json({
    lockfileVersion: 3,
    packages: {
      '': {},
      ...Object.fromEntries(Object.entries(packages).map(([name, value]) => [`node_modules/${name}`, value])),
    },
  });

const NPM = { 'package.json': manifest({ a: '^1.0.0' }), 'package-lock.json': lock({ a: entry('1.0.0') }) };
const withB = (more: object = {}) => ({
  'package.json': manifest({ a: '^1.0.0', b: '^2.0.0' }),
  'package-lock.json': lock({ a: entry('1.0.0'), b: entry('2.0.0', more) }),
});

describe('npm', () => {
  test.each<[string, Contents, string[]]>([
    ['a manifest that is changed elsewhere', { 'package.json': manifest({ a: '^1.0.0' }, { description: 'x' }) }, []],
    ['a new dependency', withB(), ['DEPENDENCY_NEW package.json:5']],
    [
      'a new dependency without the lockfile',
      { 'package.json': manifest({ a: '^1.0.0', b: '^2.0.0' }) },
      ['DEPENDENCY_NEW package.json:5', 'LOCKFILE_MISMATCH package.json:5'],
    ],
    [
      'a lockfile that lacks what the manifest asks for',
      { ...withB(), 'package-lock.json': lock({ a: entry('1.0.0'), c: entry('1.0.0') }) },
      ['DEPENDENCY_NEW package.json:5', 'LOCKFILE_MISMATCH package.json:5'],
    ],
    [
      'another version',
      { 'package.json': manifest({ a: '^2.0.0' }), 'package-lock.json': lock({ a: entry('2.0.0') }) },
      ['DEPENDENCY_CHANGED package.json:4'],
    ],
    [
      'another host',
      withB({ resolved: 'https://evil.test/b.tgz' }),
      ['DEPENDENCY_NEW package.json:5', 'DEPENDENCY_HOST package-lock.json:10'],
    ],
    [
      'no encryption',
      withB({ resolved: 'http://packages.test/b.tgz' }),
      ['DEPENDENCY_NEW package.json:5', 'DEPENDENCY_INSECURE package-lock.json:10'],
    ],
    [
      'no checksum',
      withB({ integrity: undefined }),
      ['DEPENDENCY_NEW package.json:5', 'DEPENDENCY_INTEGRITY package-lock.json:10'],
    ],
    [
      'a lockfile changed on its own',
      { 'package-lock.json': lock({ a: entry('1.0.1') }) },
      ['LOCKFILE_MISMATCH package-lock.json:6'],
    ],
    [
      'a package exchanged under its old version',
      {
        'package.json': manifest({ a: '^1.0.0' }, { x: 1 }),
        'package-lock.json': lock({ a: entry('1.0.0', { integrity: 'sha512-other' }) }),
      },
      ['DEPENDENCY_REPLACED package-lock.json:5'],
    ],
    [
      "a package of one's own address",
      { ...withB(), 'package.json': manifest({ a: '^1.0.0', b: 'git+https://evil.test/b.git' }) },
      ['DEPENDENCY_SOURCE package.json:5'],
    ],
    [
      'a lockfile that is removed',
      { 'package.json': manifest({ a: '^1.0.0' }, { x: 1 }), 'package-lock.json': null },
      ['LOCKFILE_MISMATCH package.json:5'],
    ],
    [
      'a script that runs at installation',
      { 'package.json': manifest({ a: '^1.0.0' }, { scripts: { postinstall: 'node x.js', test: 'x' } }) },
      ['LIFECYCLE_SCRIPT package.json:7'],
    ],
    [
      'an override',
      { 'package.json': manifest({ a: '^1.0.0' }, { overrides: { c: '1.0.0' } }) },
      ['DEPENDENCY_NEW package.json:7', 'LOCKFILE_MISMATCH package.json:7'],
    ],
    ['where packages come from', { 'web/.npmrc': 'registry=https://evil.test/\n' }, ['REGISTRY_CONFIG web/.npmrc:1']],
    [
      'broken manifests',
      { 'package.json': '{', 'package-lock.json': '{' },
      ['MANIFEST_UNREADABLE package.json:1', 'MANIFEST_UNREADABLE package-lock.json:1'],
    ],
  ])('%s', async (_what, after, expected) => {
    expect(await found(NPM, after)).toEqual(expected);
  });

  test('policy decides about new ones', async () => {
    expect(await found(NPM, withB(), { allow: ['b'] })).toEqual([]);
    expect(await found(NPM, withB(), { added: 'off' })).toEqual([]);
    expect(
      await found(NPM, withB({ resolved: 'https://mirror.test/b.tgz' }), { allow: ['b'], hosts: ['mirror.test'] }),
    ).toEqual([]);
  });

  test('a dependency that another part of the repository has is not new', async () => {
    expect(
      await found(
        { ...NPM, 'web/package.json': manifest({}) },
        {
          'web/package.json': manifest({ a: '^1.0.0' }),
          'package-lock.json': lock({ a: entry('1.0.0'), web: { version: '1', link: true } }),
        },
      ),
    ).toEqual([]);
  });
});

const PNPM = (packages: string) => `lockfileVersion: '9.0'\npackages:\n${packages}`;
const YARN = (packages: string) => `# yarn lockfile v1\n\n${packages}`;
const POM = (dependency: string, more = '') =>
  `<project>\n<dependencies>\n<dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency>\n${dependency}\n</dependencies>\n${more}\n</project>\n`;

describe('other ecosystems', () => {
  test.each<[string, Contents, Contents, string[]]>([
    [
      'pnpm: a tarball without checksum from elsewhere',
      { 'package.json': manifest({}), 'pnpm-lock.yaml': PNPM('  a@1.0.0:\n    resolution: {integrity: sha512-a}\n') },
      {
        'package.json': manifest({ b: '1.0.0' }),
        'pnpm-lock.yaml': PNPM(
          "  a@1.0.0:\n    resolution: {integrity: sha512-a}\n  b@1.0.0:\n    resolution: {tarball: 'https://evil.test/b.tgz'}\n",
        ),
      },
      ['DEPENDENCY_NEW package.json:4', 'DEPENDENCY_INTEGRITY pnpm-lock.yaml:5', 'DEPENDENCY_HOST pnpm-lock.yaml:5'],
    ],
    [
      'yarn: another host',
      {
        'package.json': manifest({ a: '^1.0.0' }),
        'yarn.lock': YARN(
          'a@^1.0.0:\n  version "1.0.0"\n  resolved "https://packages.test/a.tgz"\n  integrity sha512-a\n',
        ),
      },
      {
        'package.json': manifest({ a: '^1.1.0' }),
        'yarn.lock': YARN('a@^1.1.0:\n  version "1.1.0"\n  resolved "https://evil.test/a.tgz"\n  integrity sha512-b\n'),
      },
      ['DEPENDENCY_CHANGED package.json:4', 'DEPENDENCY_HOST yarn.lock:3'],
    ],
    [
      'Maven: a new dependency',
      { 'pom.xml': POM('') },
      { 'pom.xml': POM('<dependency><groupId>h</groupId><artifactId>b</artifactId><version>2</version></dependency>') },
      ['DEPENDENCY_NEW pom.xml:4'],
    ],
    [
      'Maven: a new plugin',
      { 'pom.xml': POM('') },
      {
        'pom.xml': POM(
          '',
          '<build><plugins><plugin><groupId>h</groupId><artifactId>p</artifactId></plugin></plugins></build>',
        ),
      },
      ['DEPENDENCY_NEW pom.xml:6'],
    ],
    [
      'Maven: a repository',
      { 'pom.xml': POM('') },
      {
        'pom.xml': POM(
          '',
          '<repositories><repository><id>r</id><url>http://evil.test/maven</url></repository></repositories>',
        ),
      },
      ['DEPENDENCY_INSECURE pom.xml:6', 'DEPENDENCY_HOST pom.xml:6'],
    ],
    ['Maven: text that is changed', { 'pom.xml': POM('') }, { 'pom.xml': POM('', '<name>x</name>') }, []],
    [
      'Gradle: a new dependency and plugin',
      { 'build.gradle': "dependencies {\n  implementation 'g:a:1'\n}\n" },
      {
        'build.gradle':
          "plugins { id 'evil.plugin' version '1' }\ndependencies {\n  implementation 'g:a:1'\n  testImplementation(\"h:b:2\")\n}\n",
      },
      ['DEPENDENCY_NEW build.gradle:4', 'DEPENDENCY_NEW build.gradle:1'],
    ],
    [
      'Gradle: a repository in the settings',
      { 'settings.gradle': '' },
      {
        'settings.gradle':
          "dependencyResolutionManagement { repositories { maven { url = uri('https://evil.test/maven') } } }\n",
      },
      ['DEPENDENCY_HOST settings.gradle:1'],
    ],
    [
      'Gradle: a version catalog',
      { 'gradle/libs.versions.toml': '[versions]\nx = "1"\n[libraries]\na = { module = "g:a", version.ref = "x" }\n' },
      {
        'gradle/libs.versions.toml':
          '[versions]\nx = "2"\n[libraries]\na = { module = "g:a", version.ref = "x" }\nb = "h:b:1"\n',
      },
      ['DEPENDENCY_CHANGED gradle/libs.versions.toml:4', 'DEPENDENCY_NEW gradle/libs.versions.toml:5'],
    ],
    [
      'Gradle: the wrapper',
      {
        'gradle/wrapper/gradle-wrapper.properties':
          'distributionUrl=https\\://gradle.test/g-8.zip\ndistributionSha256Sum=aa\n',
      },
      { 'gradle/wrapper/gradle-wrapper.properties': 'distributionUrl=https\\://evil.test/g-8.zip\n' },
      [
        'WRAPPER_CHANGED gradle/wrapper/gradle-wrapper.properties:1',
        'WRAPPER_CHANGED gradle/wrapper/gradle-wrapper.properties:',
      ],
    ],
    [
      'Python: requirements',
      { 'requirements.txt': 'a==1.0\n' },
      { 'requirements.txt': 'A==1.0\nb>=2 # why\n--index-url https://evil.test/simple\n-e .\n' },
      ['DEPENDENCY_NEW requirements.txt:2', 'DEPENDENCY_HOST requirements.txt:3'],
    ],
    [
      'Python: pyproject and lockfile',
      {
        'pyproject.toml': '[project]\ndependencies = ["a>=1"]\n',
        'uv.lock': '[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "https://packages.test/simple" }\n',
      },
      {
        'pyproject.toml':
          '[project]\ndependencies = [\n"a>=1",\n"b_c>=1"]\n[dependency-groups]\ndev = ["d @ https://evil.test/d.whl"]\n',
      },
      ['DEPENDENCY_NEW pyproject.toml:4', 'DEPENDENCY_SOURCE pyproject.toml:6', 'LOCKFILE_MISMATCH pyproject.toml:4'],
    ],
    [
      'Cargo: a crate from git, and one that the lockfile lacks',
      {
        'Cargo.toml': '[dependencies]\na = "1"\n',
        'Cargo.lock':
          '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://packages.test/index"\nchecksum = "aa"\n',
      },
      { 'Cargo.toml': '[dependencies]\na = "1"\nb = { git = "https://evil.test/b" }\n[dev-dependencies]\nc = "2"\n' },
      ['DEPENDENCY_SOURCE Cargo.toml:3', 'DEPENDENCY_NEW Cargo.toml:5', 'LOCKFILE_MISMATCH Cargo.toml:3'],
    ],
    [
      'Go: a module without its sum, and one that is replaced',
      { 'go.mod': 'module x.test/app\n\nrequire a.test/a v1.0.0\n', 'go.sum': 'a.test/a v1.0.0 h1:aa=\n' },
      {
        'go.mod': 'module x.test/app\n\nrequire (\n\ta.test/a v1.0.0\n\tb.test/b v1.0.0\n)\nreplace a.test/a => ../a\n',
        'go.sum': 'a.test/a v1.0.0 h1:aa=\nc.test/c v1.0.0 h1:cc=\n',
      },
      ['DEPENDENCY_NEW go.mod:5', 'DEPENDENCY_SOURCE go.mod:4', 'LOCKFILE_MISMATCH go.mod:5'],
    ],
    [
      '.NET',
      { 'App.csproj': '<Project></Project>' },
      { 'App.csproj': '<Project>\n<PackageReference Include="Evil" Version="1.0.0" />\n</Project>' },
      ['DEPENDENCY_NEW App.csproj:2'],
    ],
    ['no manifest', { 'a.js': '1' }, { 'a.js': '2' }, []],
  ])('%s', async (_what, before, after, expected) => {
    expect(await found(before, after)).toEqual(expected);
  });
});

test('a hostile manifest is read in bounded time', async () => {
  const began = performance.now();
  for (const text of [
    'implementation('.repeat(20_000),
    '<repository>'.repeat(20_000),
    'maven { url '.repeat(20_000),
    '<PackageReference '.repeat(20_000),
    `${' '.repeat(100_000)}--index-url`,
  ])
    for (const path of [
      'build.gradle',
      'pom.xml',
      'requirements.txt',
      'App.csproj',
      'go.mod',
      'package.json',
      'Cargo.toml',
    ])
      await dependencies.run(checkInput({}, { [path]: text }));
  expect(performance.now() - began).toBeLessThan(20_000);
});
