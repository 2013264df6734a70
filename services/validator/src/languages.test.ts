import { expect, test } from 'vitest';
import { type Language, languageOf, parseSource } from './languages.ts';

test.each<[Language, string, string, string]>([
  ['javascript', 'a.mjs', 'const a = 1;', 'lexical_declaration'],
  ['typescript', 'a.ts', 'const a = <T>(b: T) => b;', 'lexical_declaration'],
  ['tsx', 'a.tsx', 'const a = <b>c</b>;', 'jsx_element'],
  ['python', 'a.py', 'def f():\n  pass\n', 'function_definition'],
  ['go', 'a.go', 'package a\nfunc F() {}\n', 'function_declaration'],
  ['java', 'A.java', 'class A { void f() {} }', 'method_declaration'],
  ['kotlin', 'a.kt', 'fun f() {}', 'function_declaration'],
  ['rust', 'a.rs', 'fn f() {}', 'function_item'],
])('%s is told by its name and read as a tree', (language, path, text, kind) => {
  expect(languageOf(`src/${path}`)).toBe(language);
  expect(parseSource(language, text)?.find({ rule: { kind } })?.text()).toBeTruthy();
  expect(parseSource(language, text)?.find({ rule: { kind: 'ERROR' } })).toBeNull();
});

test('what is no source, or too long, is not read', () => {
  expect(languageOf('README.md')).toBeNull();
  expect(languageOf('Makefile')).toBeNull();
  expect(parseSource('python', 'a = 1\n'.repeat(200_000))).toBeNull();
});
