import { expect, test } from 'vitest';
import { type Contents, checkInput } from '../test/check-input.ts';
import { newPackages } from './new-packages.ts';

const manifest = (dependencies: object, more: object = {}) => JSON.stringify({ name: 'x', dependencies, ...more });
const NPM = { detector: 'npm', fetch: [] };
const MAVEN = { detector: 'maven' };
const POM = (names: string[]) =>
  `<project><dependencies>${names.map((name) => `<dependency><groupId>g</groupId><artifactId>${name}</artifactId></dependency>`).join('')}</dependencies></project>`;

test.each<[string, Contents, Contents, typeof NPM | typeof MAVEN, boolean, RegExp | null]>([
  ['no manifest', {}, { 'a.js': '1' }, NPM, false, null],
  [
    'another script',
    { 'package.json': manifest({ a: '1' }) },
    { 'package.json': manifest({ a: '1' }, { scripts: { x: 'y' } }) },
    NPM,
    false,
    null,
  ],
  ['a new package', { 'package.json': manifest({}) }, { 'package.json': manifest({ a: '1' }) }, NPM, true, null],
  [
    'another version',
    { 'package.json': manifest({ a: '1' }) },
    { 'package.json': manifest({ a: '2' }) },
    NPM,
    true,
    null,
  ],
  [
    'a build that is a program',
    { 'pom.xml': POM([]) },
    { 'pom.xml': POM(['a']) },
    MAVEN,
    false,
    /with maven they cannot be fetched/,
  ],
  [
    'settings of the package manager',
    { 'package.json': manifest({}) },
    { 'package.json': manifest({ a: '1' }), 'pnpm-workspace.yaml': 'pnpmfile: evil.cjs\n' },
    NPM,
    false,
    /pnpm-workspace\.yaml decides/,
  ],
  [
    'settings in the manifest',
    { 'package.json': manifest({}) },
    { 'package.json': manifest({ a: '1' }, { pnpm: { configDependencies: { evil: '1' } } }) },
    NPM,
    false,
    /package\.json decides/,
  ],
])('%s', async (_what, before, after, recipe, fetch, why) => {
  const found = await newPackages(checkInput(before, after), recipe);
  expect(found.fetch).toBe(fetch);
  expect(found.findings.map(({ message }) => message)).toEqual(why === null ? [] : [expect.stringMatching(why)]);
});
