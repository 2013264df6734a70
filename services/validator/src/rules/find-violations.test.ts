import { expect, test } from 'vitest';
import { type Contents, checkInput } from '../../test/check-input.ts';
import { findViolations } from './find-violations.ts';
import { loadPacks } from './load-packs.ts';

const rules = (await loadPacks()).flatMap((pack) => pack.rules);

async function found(before: Contents, after: Contents) {
  const { written, signal } = checkInput(before, after);
  return (await findViolations(rules, written, signal)).map(({ code, file, line }) => `${code} ${file}:${line}`);
}

const JAVA = (body: string, imports = '') => `package a;\n\n${imports}\nclass A {\n${body}\n}\n`;

test('every way to an internal class of the JDK is found where it stands', async () => {
  expect(
    await found(
      {},
      {
        'A.java': JAVA('  Unsafe unsafe;', 'import sun.misc.Unsafe;'),
        'B.java': JAVA('  sun.misc.Unsafe unsafe;'),
        'C.java': JAVA('  Object unsafe = Class.forName("sun.misc.Unsafe");'),
        'D.kt': 'import sun.misc.Unsafe as Memory\n\nval memory: Memory? = null\n',
      },
    ),
  ).toEqual([
    'no-internal-jdk/import A.java:3',
    'no-internal-jdk/name B.java:5',
    'no-internal-jdk/reflection C.java:5',
    'no-internal-jdk/import D.kt:1',
  ]);
});

test('their clean twins are left alone', async () => {
  expect(
    await found(
      {},
      {
        'A.java': JAVA('  VarHandle handle;', 'import java.lang.invoke.VarHandle;'),
        'B.java': JAVA('  java.lang.invoke.VarHandle handle; // not sun.misc.Unsafe'),
        'C.java': JAVA('  Object list = Class.forName("java.util.ArrayList");'),
        'D.kt': 'import java.lang.invoke.VarHandle as Memory\n\nval memory: Memory? = null\n',
        'src/main/resources/plugin.yml': 'name: A\nfolia-supported: true\n',
      },
    ),
  ).toEqual([]);
});

test('what was there before is not held against the change, wherever it moves', async () => {
  const old = JAVA('  sun.misc.Unsafe unsafe;');
  const moved = JAVA('  int one = 1;\n  sun.misc.Unsafe unsafe;');
  expect(await found({ 'A.java': old }, { 'A.java': moved })).toEqual([]);
  expect(
    await found({ 'A.java': old }, { 'A.java': JAVA('  sun.misc.Unsafe unsafe;\n  sun.misc.Signal signal;') }),
  ).toEqual(['no-internal-jdk/name A.java:6']);
  expect(await found({ 'plugin.yml': 'name: A\n' }, { 'plugin.yml': 'name: A\nversion: 2\n' })).toEqual([]);
  expect(await found({ 'plugin.yml': 'folia-supported: true\n' }, { 'plugin.yml': 'version: 2\n' })).toEqual([
    'folia/folia-supported plugin.yml:1',
  ]);
});

test('a name cannot hide behind escapes of the compiler', async () => {
  expect(await found({}, { 'A.java': JAVA('  s\\u0075n.misc.Unsafe unsafe;') })).toEqual([
    'no-internal-jdk/name A.java:5',
  ]);
});

test('a file too long to be read is an error, deep nesting is not', async () => {
  const deep = `${'('.repeat(100_000)}1${')'.repeat(100_000)}`;
  expect(
    await found(
      {},
      { 'A.java': JAVA(`  int x = ${deep};\n  sun.misc.Unsafe unsafe;`), 'B.java': 'class B { }\n'.repeat(90_000) },
    ),
  ).toEqual(['no-internal-jdk/name A.java:6', 'RULES_UNREAD B.java:undefined']);
});
