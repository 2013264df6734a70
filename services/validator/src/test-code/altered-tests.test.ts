import { expect, test } from 'vitest';
import { alteredTestFiles } from './altered-tests.ts';

const HEAD = "import { test } from 'node:test';\nimport { f } from '../src/f.js';\n\n";
const ONE = "test('one', () => {\n  assert.equal(f(), 1);\n});\n";
const TWO = "test('two', () => {\n  assert.equal(f(2), 2);\n});\n";
const altered = (path: string, before: string | null, after: string | null) =>
  alteredTestFiles([
    { path, before: before === null ? null : Buffer.from(before), after: after === null ? null : Buffer.from(after) },
  ]).length === 1;

test.each<[string, string, string | null, string | null]>([
  ['a test more', 'test/a.test.js', HEAD + ONE, HEAD + ONE + TWO],
  [
    'a test before the others, and an import',
    'test/a.test.js',
    HEAD + ONE,
    `import { g } from '../src/g.js';\n${HEAD}${TWO}${ONE}`,
  ],
  ['other white space', 'test/a.test.js', HEAD + ONE, HEAD + ONE.replace('  assert', '    assert')],
  ['a new file of tests', 'test/b.test.js', null, HEAD + TWO],
  ['new data', 'test/data/b.json', null, '{}'],
  ['a source file', 'src/f.js', 'a', 'b'],
])('%s alters nothing', (_what, path, before, after) => {
  expect(altered(path, before, after)).toBe(false);
});

test.each<[string, string, string | null, string | null]>([
  ['another value', 'test/a.test.js', HEAD + ONE, HEAD + ONE.replace('1);', '2);')],
  ['a line in a test', 'test/a.test.js', HEAD + ONE, HEAD + ONE.replace('  assert', '  return;\n  assert')],
  ['another name', 'test/a.test.js', HEAD + ONE, HEAD + ONE.replace('one', 'uno')],
  ['an import that is gone', 'test/a.test.js', HEAD + ONE, `const f = () => 1;\n${ONE}`],
  ['a deleted file', 'test/a.test.js', HEAD + ONE, null],
  ['a hook', 'test/a.test.js', HEAD + ONE, `${HEAD}beforeEach(() => {});\n${ONE}`],
  [
    'a value put into another module',
    'tests/test_b.py',
    null,
    'import shop\nshop.total = 1\ndef test_b():\n    assert shop.total == 1\n',
  ],
  ['a mock in a new file', 'test/b.test.js', null, `jest.mock('../src/f.js');\n${HEAD}${TWO}`],
  ['a new file without tests', 'src/test/java/Price.java', null, 'class Price {}\n'],
  ['other data', 'test/data/a.json', '{}', '{"a":1}'],
  ['a language that is not read', 'spec/a_spec.rb', 'x', 'y'],
])('%s does', (_what, path, before, after) => {
  expect(altered(path, before, after)).toBe(true);
});
