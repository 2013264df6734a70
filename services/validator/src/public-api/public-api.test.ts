import { expect, test } from 'vitest';
import { verdictOf } from '../../test/stage-harness.ts';
import { stageScenes } from '../../test/stage-scenes.ts';
import { findToolchains } from '../sandbox/toolchains.ts';

const scene = stageScenes();

const { tools } = await findToolchains();
const apiOf = (verdict: ReturnType<typeof verdictOf>) =>
  verdict.findings.map(({ check, code, severity, file, message }) => ({ check, code, severity, file, message }));

test('a package of npm: by its built entry, in a monorepo, as an error where the configuration says so', async () => {
  const source = (more: string) => `export const kept = (a: string): string => a;\n${more}`;
  const old = 'export interface Options {\n  size: number;\n}\nexport const gone = 1;\n';
  const harness = await scene.open(
    {
      'package.json': JSON.stringify({
        name: 'root',
        private: true,
        workspaces: ['packages/*'],
        scripts: { test: 'node --test' },
        type: 'module',
      }),
      'packages/lib/package.json': JSON.stringify({
        name: '@x/lib',
        version: '1.0.0',
        type: 'module',
        exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      }),
      'packages/lib/src/index.ts': source(old),
      'packages/app/package.json': JSON.stringify({ name: '@x/app', private: true, main: 'src/app.ts' }),
      'packages/app/src/app.ts': 'export const own = 1;\n',
      'works.test.js': "import { test } from 'node:test';\ntest('works', () => {});\n",
    },
    { config: { validate: { publicApi: 'error' } } },
  );
  await harness.baseline();
  const change = (more: string) => ({ 'packages/lib/src/index.ts': source(more) });
  const verdict = verdictOf(
    await harness.validate(change('export interface Options {\n  size: number;\n  color: string;\n}\n')),
  );
  expect(verdict.passed).toBe(false);
  expect(apiOf(verdict)).toEqual([
    {
      check: 'policy.public-api',
      code: 'PUBLIC_API_REMOVED',
      severity: 'error',
      file: 'packages/lib/src/index.ts',
      message: '@x/lib no longer has gone. Keep what others use, or make it part of the specification.',
    },
    {
      check: 'policy.public-api',
      code: 'PUBLIC_API_CHANGED',
      severity: 'error',
      file: 'packages/lib/src/index.ts',
      message: expect.stringMatching(
        /^@x\/lib changes Options for those who use it: whoever makes one: Property 'color'/,
      ),
    },
  ]);
  expect(verdictOf(await harness.validate(change(`${old}export const more = 2;\n`)))).toMatchObject({
    passed: true,
    findings: [],
  });
  expect(verdictOf(await harness.validate({ 'packages/app/src/app.ts': 'export const other = 1;\n' }))).toMatchObject({
    passed: true,
    findings: [],
  });
});

test.skipIf(!tools.has('python3'))(
  `a package of Python: a break that was not planned is an error, one that was is a warning${tools.has('python3') ? '' : ' (skipped: no python3)'}`,
  async () => {
    const cart = (clear: string, total: string) =>
      `class Cart:\n    def add(self, item, count=1):\n        return item\n${clear}\n\ndef total(cart${total}):\n    return cart\n`;
    const clear = '\n    def clear(self):\n        return None\n';
    const harness = await scene.open(
      {
        'pyproject.toml':
          '[project]\nname = "shop"\nversion = "1.0.0"\n\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n',
        'src/shop/__init__.py': 'from .cart import Cart, total\n\n__all__ = ["Cart", "total"]\n',
        'src/shop/cart.py': cart(clear, ''),
        'tests/__init__.py': '',
        'tests/test_cart.py':
          'import unittest\n\nfrom shop import total\n\n\nclass TotalTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total(1), 1)\n',
      },
      { config: { validate: { publicApi: 'error' } } },
    );
    const baseline = await harness.baseline();
    expect(baseline, JSON.stringify(baseline).slice(0, 3_000)).toMatchObject({ kind: 'advance' });
    const broken = verdictOf(await harness.validate({ 'src/shop/cart.py': cart('', '') }));
    expect(broken.passed).toBe(false);
    expect(apiOf(broken)).toEqual([
      {
        check: 'policy.public-api',
        code: 'PUBLIC_API_REMOVED',
        severity: 'error',
        file: 'src/shop/cart.py',
        message: expect.stringContaining('shop no longer has shop.cart.Cart.clear'),
      },
    ]);
    expect(verdictOf(await harness.validate({ 'src/shop/cart.py': cart(clear, ', currency=None') }))).toMatchObject({
      passed: true,
      findings: [],
    });
    harness.specify(['src/shop/cart.py'], 'Carts are not emptied any more: `clear` goes.');
    expect(verdictOf(await harness.validate({ 'src/shop/cart.py': cart('', '') }))).toMatchObject({
      passed: true,
      findings: [
        {
          code: 'PUBLIC_API_REMOVED',
          severity: 'warning',
          message: expect.stringContaining('The specification names it.'),
        },
      ],
    });
  },
  300_000,
);

test.skipIf(!tools.has('go'))(
  `a Go module${tools.has('go') ? '' : ' (skipped: no go)'}`,
  async () => {
    const source = (more: string) => `package shop\n\nfunc Total(a int) int { return a }\n${more}`;
    const harness = await scene.open(
      {
        'go.mod': 'module example.com/shop\n\ngo 1.21\n',
        'shop.go': source('\ntype Cart struct{}\n\nfunc (*Cart) Clear() {}\n'),
        'shop_test.go':
          'package shop\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\tif Total(1) != 1 {\n\t\tt.Fail()\n\t}\n}\n',
      },
      { config: { validate: { publicApi: 'error' } } },
    );
    await harness.baseline();
    const broken = verdictOf(await harness.validate({ 'shop.go': source('\ntype Cart struct{}\n') }));
    expect(broken.passed).toBe(false);
    expect(apiOf(broken)).toMatchObject([
      { code: 'PUBLIC_API_REMOVED', severity: 'error', message: expect.stringContaining('no longer has Cart.Clear') },
    ]);
    const wider = source('\ntype Cart struct{}\n\nfunc (*Cart) Clear() {}\n\nfunc (*Cart) More(int) {}\n');
    expect(verdictOf(await harness.validate({ 'shop.go': wider }))).toMatchObject({ passed: true, findings: [] });
  },
  300_000,
);
