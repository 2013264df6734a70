import { describe, expect, test } from 'vitest';
import { type Contents, checkInput } from '../../test/check-input.ts';
import { dependencyCodes } from '../../test/dependency-codes.ts';
import dependencies from './dependencies.ts';

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
    expect(await dependencyCodes(NPM, after)).toEqual(expected);
  });

  test('policy decides about new ones', async () => {
    expect(await dependencyCodes(NPM, withB(), { allow: ['b'] })).toEqual([]);
    expect(await dependencyCodes(NPM, withB(), { added: 'off' })).toEqual([]);
    expect(
      await dependencyCodes(NPM, withB({ resolved: 'https://mirror.test/b.tgz' }), {
        allow: ['b'],
        hosts: ['mirror.test'],
      }),
    ).toEqual([]);
  });

  test('a dependency that another part of the repository has is not new', async () => {
    expect(
      await dependencyCodes(
        { ...NPM, 'web/package.json': manifest({}) },
        {
          'web/package.json': manifest({ a: '^1.0.0' }),
          'package-lock.json': lock({ a: entry('1.0.0'), web: { version: '1', link: true } }),
        },
      ),
    ).toEqual([]);
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
