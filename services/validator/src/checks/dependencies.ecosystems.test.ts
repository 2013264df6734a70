import { describe, expect, test } from 'vitest';
import type { Contents } from '../../test/check-input.ts';
import { dependencyCodes } from '../../test/dependency-codes.ts';

const json = (value: unknown) => JSON.stringify(value, null, 2);
const manifest = (dependencies: object, more: object = {}) => json({ name: 'app', dependencies, ...more });

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
    expect(await dependencyCodes(before, after)).toEqual(expected);
  });
});
