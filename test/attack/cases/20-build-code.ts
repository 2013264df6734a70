import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const node = (script: string) =>
  JSON.stringify({ name: 'x', version: '1.0.0', type: 'module', scripts: { test: script } });
const TEST = "import { test } from 'node:test';\ntest('works', () => {});\n";
const LOOK = `import { existsSync } from 'node:fs';
import { connect } from 'node:net';
`;

export default [
  boxed({
    row: 20,
    name: 'code that a test file runs while it is loaded',
    base: { Makefile: 'nothing:\n', 'package.json': node('node --test'), 'works.test.js': TEST, 'lib.js': '' },
    change: {
      'lib.js': `${LOOK}export const seen = ['/root/.npmrc', '/run/secrets', process.env.HOME + '/.npmrc'].filter((path) => existsSync(path));
export const reached = await new Promise((resolve) => connect({ host: '127.0.0.1', port: 22 }, () => resolve(true)).on('error', () => resolve(false)));\n`,
      'more.test.js':
        "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { reached, seen } from './lib.js';\ntest('sees nothing', () => {\n  assert.deepEqual(seen, []);\n  assert.equal(reached, false);\n});\n",
    },
    says: /^/,
    also: ({ tests }) => (tests.added.some((id) => id.endsWith('sees nothing')) ? [] : ['it did not run']),
  }),
  boxed({
    row: 20,
    name: 'a conftest.py and a sitecustomize.py',
    base: {
      Makefile: 'test:\n\t@python3 -S -c "import runpy; runpy.run_path(\'main.py\')"\n',
      'main.py': 'print("1..1")\nimport conftest\nprint("ok 1 - works")\n',
      'conftest.py': '',
    },
    change: {
      'conftest.py': `import os, socket
for path in ("/root/.netrc", "/root/.pypirc", "/etc/shadow", "/run/secrets"):
    if os.path.exists(path) and os.access(path, os.R_OK): print("ESCAPED: reads", path)
try:
    socket.create_connection(("127.0.0.1", 22), 1); print("ESCAPED: connected")
except OSError: print("tried 1")
`,
    },
  }),
  {
    row: 20,
    name: 'a test that poisons the dependencies that later runs are given',
    base: {
      Makefile: 'nothing:\n',
      'package.json': JSON.stringify({
        name: 'x',
        version: '1.0.0',
        type: 'module',
        scripts: { test: 'node --test' },
        dependencies: { dep: '1.0.0' },
      }),
      'works.test.js': TEST,
    },
    config: { validate: { prepare: ['mkdir -p node_modules/dep && echo clean > node_modules/dep/file'] } },
    async run({ harness, record }) {
      const tests = (name: string, extra: string) => ({
        'look.test.js': `import assert from 'node:assert/strict';\nimport { existsSync, readFileSync, writeFileSync } from 'node:fs';\nimport { test } from 'node:test';\nconst places = ['cache', 'home', 'reports'].map((name) => ['', 'box', name].join('/')).concat('/tmp');\n${extra}\ntest(${name}, () => assert.equal(places.length, 4));\n`,
      });
      const poison = await harness.validate(
        tests(
          "'poisons'",
          "writeFileSync('node_modules/dep/file', 'poisoned'); for (const place of places) try { writeFileSync(place + '/poison', 'x'); } catch { /* the folder for reports has another name in each run */ }",
        ),
      );
      const after = await harness.validate(
        tests(
          "'finds ' + readFileSync('node_modules/dep/file', 'utf8').trim() + places.filter((place) => existsSync(place + '/poison'))",
          '',
        ),
      );
      record(poison);
      record(after);
      return [
        ...(verdictOf(poison).tests.added.some((id) => id.endsWith('poisons'))
          ? []
          : [`nothing was poisoned: ${verdictOf(poison).feedback}`]),
        ...(verdictOf(after).tests.added.some((id) => id.endsWith('finds clean'))
          ? []
          : [`the run after found ${verdictOf(after).tests.added.join()}`]),
      ];
    },
  },
] satisfies AttackCase[];
