import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@orchestrator/testkit/git/test-repository.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { KIT_DIR } from '../sandbox/sandbox.ts';
import { ApiAnswer } from './api-question.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
let count = 0;

type Files = Readonly<Record<string, string>>;

interface Entry {
  readonly subpath: string;
  readonly old: string;
  readonly new: string | null;
}

/** What the reader says of two versions of a package, as `name why`, by entry. */
function read(before: Files, after: Files, entries: readonly Entry[]): ReadonlyMap<string, string[]> {
  const work = join(folder.path, `api-${++count}`);
  for (const [side, files] of Object.entries({ old: before, new: after }))
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, side, path)), { recursive: true });
      writeFileSync(join(work, side, path), text);
    }
  const output = execFileSync(
    process.execPath,
    [
      join(KIT_DIR, 'typescript-api.mjs'),
      createRequire(import.meta.url).resolve('typescript'),
      JSON.stringify({ folder: '.', entries }),
    ],
    { cwd: work, encoding: 'utf8' },
  );
  const { api } = Answer.parse(JSON.parse(output));
  return new Map(
    entries.map(({ subpath }) => [
      subpath,
      api.filter((each) => each.subpath === subpath).map(({ name, why }) => `${name} ${why}`.trim()),
    ]),
  );
}
const Answer = ApiAnswer.extend({ api: z.array(ApiAnswer.shape.api.element.extend({ subpath: z.string() })) });

const compared = (before: Files, after: Files, entry = 'src/index.ts'): string[] =>
  read(before, after, [{ subpath: '.', old: entry, new: entry in after ? entry : null }]).get('.') ?? [];

/** Each pair of texts as an entry of its own, all in one run. */
function comparedAll(
  cases: readonly (readonly [string, string, string, ...unknown[]])[],
): ReadonlyMap<string, string[]> {
  const file = (index: number) => `src/case${index}.ts`;
  const side = (at: 1 | 2) => Object.fromEntries(cases.map((each, index) => [file(index), each[at]]));
  return read(
    side(1),
    side(2),
    cases.map(([subpath], index) => ({ subpath, old: file(index), new: file(index) })),
  );
}

const one = (text: string): Files => ({ 'src/index.ts': text });

const HARMLESS: readonly (readonly [string, string, string])[] = [
  ['nothing changes', 'export const a = 1;', 'export const a = 1;'],
  ['a new name', 'export const a = 1;', 'export const a = 1;\nexport const b = 2;'],
  ['an optional parameter more', 'export function f(a: string) {}', 'export function f(a: string, b?: number) {}'],
  ['a wider parameter', 'export function f(a: string) {}', 'export function f(a: string | number) {}'],
  ['a narrower result', 'export const f = (): string | null => null;', "export const f = (): string => '';"],
  ['an optional property more', 'export interface A { a: 1 }', 'export interface A { a: 1; b?: 2 }'],
  [
    'other private parts',
    'export class A { private x = 1; #y = 1; same(o: A): A { return o; } }',
    'export class A { private z = ""; same(o: A): A { return o; } }',
  ],
  ['a class with more to it', 'export class A { a() {} }', 'export class A { a() {}; b() {} }'],
  [
    'brands and symbols',
    'declare const brand: unique symbol;\nexport type Id = string & { [brand]: true };\nexport const key: unique symbol = Symbol();',
    'declare const brand: unique symbol;\nexport type Id = string & { [brand]: true };\nexport const key: unique symbol = Symbol();',
  ],
  [
    'generic types',
    'export type Tree<T extends object> = { value: T; below: Tree<T>[] };\nexport const map = <T, U>(all: T[], f: (one: T) => U): U[] => all.map(f);',
    'export type Tree<T extends object> = { value: T; below: Tree<T>[] };\nexport const map = <A, B>(all: A[], f: (one: A) => B): B[] => all.map((each) => f(each));',
  ],
  ['what is marked as internal', '/** @internal */\nexport const a = 1;\nexport const b = 1;', 'export const b = 1;'],
  ['a name that begins with _', 'export const _a = 1;', 'export {};'],
  ['a default export', 'export default function main(): void {}', 'export default function other(a?: string): void {}'],
  [
    'types that cannot be found',
    "import type { X } from 'nowhere';\nexport const a = (x: X) => x;",
    "import type { X } from 'nowhere';\nexport const a = (x: X) => x;\n",
  ],
  [
    'a class with more to it that takes its own kind',
    'export class A { same(o: A): boolean { return o === this; } }',
    'export class A { more = 1; same(o: A): boolean { return o === this; } }',
  ],
  ['source that does not compile', 'export const a = 1;', 'export const a = 1;\nconst b: string = 1;'],
];

describe('no break', () => {
  test('in any of these', () => {
    expect([...comparedAll(HARMLESS)].filter(([, found]) => found.length > 0)).toEqual([]);
  });

  test('a name that moves to another file, and one that is exported by another way', () => {
    expect(
      compared(
        {
          ...one("export * from './a.ts';\nexport { x as y } from './b.js';"),
          'src/a.ts': 'export const a = 1;',
          'src/b.ts': 'export const x = 1;',
        },
        { ...one("export { a } from './c.ts';\nexport const y = 1;"), 'src/c.ts': 'export const a = 1;' },
      ),
    ).toEqual([]);
  });

  test('declarations that are written by hand, and paths of the package itself', () => {
    const types = 'export declare class A { private x: 1; a(): A }';
    expect(compared({ 'index.d.ts': types }, { 'index.d.ts': types.replace('x: 1', 'y: 2') }, 'index.d.ts')).toEqual(
      [],
    );
    const aliased = {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } } // why',
      'src/a.ts': 'export class A { private x = 1 }',
      ...one("export { A } from '@/a';"),
    };
    expect(compared(aliased, { ...aliased, 'src/a.ts': 'export class A { private y = 1 }' })).toEqual([]);
  });
});

const BREAKS: readonly (readonly [string, string, string, string | RegExp])[] = [
  ['a name that is gone', 'export const a = 1;\nexport const b = 2;', 'export const b = 2;', 'a'],
  ['a type that is gone', 'export type A = 1;', 'export {};', 'A'],
  ['a default export that is gone', 'export default 1;', 'export const a = 1;', 'default'],
  [
    'a parameter that has to be given',
    'export function f(a: string, b?: number) {}',
    'export function f(a: string, b: number) {}',
    /^f Type .* not assignable/,
  ],
  [
    'a parameter more',
    'export const f = (a: string) => a;',
    'export const f = (a: string, b: number) => a + b;',
    /^f Target signature provides too few arguments/,
  ],
  ['a narrower parameter', 'export function f(a: string | number) {}', 'export function f(a: string) {}', /^f /],
  ['another result', 'export const f = () => 1;', "export const f = () => '';", /^f /],
  [
    'a result that may be missing',
    'export const f = (): string => "";',
    'export const f = (): string | undefined => "";',
    /^f /,
  ],
  [
    'a property that is gone',
    'export const a = { b: 1, c: 2 };',
    'export const a = { b: 1 };',
    /^a Property 'c' is missing/,
  ],
  [
    'a property that has to be given',
    'export interface A { a: 1 }',
    'export interface A { a: 1; b: 2 }',
    /^A whoever makes one: Property 'b' is missing/,
  ],
  [
    'a method that is gone',
    'export class A { a() {}; b() {} }',
    'export class A { a() {} }',
    /^A Property 'b' is missing/,
  ],
  ['a method that is private now', 'export class A { a() {} }', 'export class A { private a() {} }', /^A /],
  [
    'a method that is protected for those who extend it, and gone',
    'export class A { protected a() {} }',
    'export class A {}',
    /^A /,
  ],
  [
    'an argument of a constructor',
    'export class A { constructor(a?: string) {} }',
    'export class A { constructor(a: string) {} }',
    /^A /,
  ],
  [
    'an argument of a method',
    'export interface A { f(a?: string): void }',
    'export interface A { f(a: string): void }',
    'A f has to be given more',
  ],
  ['a member of an enum', 'export enum A { B, C }', 'export enum A { B }', /^A /],
  ['a type parameter', 'export type A<T> = T[];', 'export type A<T, U> = [T, U];', /^A /],
  ['a type instead of a value', 'export class A {}', 'export interface A {}', /^A /],
];

describe('a break', () => {
  let all: ReadonlyMap<string, string[]>;
  beforeAll(() => {
    all = comparedAll(BREAKS);
  });
  test.each(BREAKS)('%s', (what, _before, _after, expected) => {
    expect(all.get(what)).toEqual([
      expect.stringMatching(expected instanceof RegExp ? expected : new RegExp(`^${expected}$`)),
    ]);
  });

  test('behind other files, by every way of exporting', () => {
    expect(
      compared(
        {
          ...one("export * from './a.ts';\nexport * as group from './a.ts';"),
          'src/a.ts': 'export const f = (a: string) => a;',
        },
        {
          ...one("export * from './a.ts';\nexport * as group from './a.ts';"),
          'src/a.ts': 'export const f = (a: number) => a;',
        },
      )
        .map((text) => text.split(' ')[0])
        .sort(),
    ).toEqual(['f', 'group']);
  });

  test('an entry that is gone, and names of JavaScript', () => {
    expect(compared(one('export const a = 1;'), { 'src/b.ts': '' })).toEqual(['. the whole entry is gone']);
    expect(
      compared(
        { 'index.js': 'module.exports = { a() {}, b() {} };' },
        { 'index.js': 'module.exports = { a(x, y) {} };' },
        'index.js',
      ),
    ).toEqual(['b']);
  });
});
