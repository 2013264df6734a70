import { expect, test } from 'vitest';
import { signaturesOf } from './signatures.ts';

const cases: [path: string, text: string, expected: string[]][] = [
  [
    'a.ts',
    'import x from "x";\nexport interface Point {\n  readonly x: number;\n}\nexport async function move(by: Point): Promise<void> {\n  if (by.x) {\n    return;\n  }\n}\nclass Shape {\n  area(scale = 1) {\n    return scale;\n  }\n}\nexport const half = (n: number) => {\n  return n / 2;\n};\n',
    [
      'export interface Point',
      'export async function move(by: Point): Promise<void>',
      'class Shape',
      '  area(scale = 1)',
      'export const half = (n: number)',
    ],
  ],
  [
    'A.java',
    'package a.b;\n\npublic final class Box<T> extends Base implements Closeable {\n    private int hidden;\n    public static final int MAX = 3;\n    public Box(T content) {\n        return;\n    }\n    protected abstract List<T> all(int n) throws IOException;\n}\n\ninterface Shape {\n    double area();\n}\n',
    [
      'package a.b;',
      'public final class Box<T> extends Base implements Closeable',
      '    public static final int MAX = 3;',
      '    public Box(T content)',
      '    protected abstract List<T> all(int n) throws IOException;',
      'interface Shape',
      '    double area();',
    ],
  ],
  [
    'a.kt',
    'package a\n\ndata class Point(val x: Int)\nfun Point.move(by: Int): Point {\n  return this\n}\n',
    ['package a', 'data class Point(val x: Int)', 'fun Point.move(by: Int): Point'],
  ],
  [
    'a.py',
    'LIMIT = 3\nclass Box(Base):\n    """Doc."""\n    def open(self, n: int = 1) -> str:\n        x = 1\n        return x\n',
    ['LIMIT = 3', 'class Box(Base)', '    def open(self, n: int = 1) -> str'],
  ],
  [
    'a.go',
    'package a\n\ntype Box struct {\n\tSize int\n\thidden int\n}\n\nfunc (b *Box) Open(n int) error {\n\treturn nil\n}\n',
    ['package a', 'type Box struct', '\tSize int', 'func (b *Box) Open(n int) error'],
  ],
  [
    'a.rs',
    'pub struct Box {\n    pub size: u8,\n}\nimpl Box {\n    pub fn open(&self) -> u8 {\n        self.size\n    }\n}\n',
    ['pub struct Box', '    pub size: u8,', 'impl Box', '    pub fn open(&self) -> u8'],
  ],
  [
    'a.c',
    '#include "a.h"\nstruct box { int size; };\nint open_box(struct box *b, int n)\n{\n  return n;\n}\n',
    ['struct box { int size; };', 'int open_box(struct box *b, int n)'],
  ],
  ['a.md', '# One\ntext\n## Two\n', ['# One', '## Two']],
  ['a.unknown', 'anything', []],
];

test.each(cases)('declarations of %s stand without their bodies', (path, text, expected) => {
  expect(signaturesOf(path, text).split('\n').filter(Boolean)).toEqual(expected);
});

test('a huge file gives no more than 120 lines', () => {
  expect(signaturesOf('a.js', 'export const x = 1;\n'.repeat(1_000)).split('\n')).toHaveLength(120);
});
