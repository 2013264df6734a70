import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';
import { refusedChange } from '../edits.ts';

const PATHS = [
  '.github/workflows/ci.yml',
  '.gitlab-ci.yml',
  'Dockerfile',
  'orchestrator.yaml',
  'gradlew',
  'gradle/wrapper/gradle-wrapper.properties',
  '.mvn/wrapper/maven-wrapper.properties',
  'mvnw',
  '.npmrc',
];
const NODE_PROJECT = {
  Makefile: 'nothing:\n',
  'package.json': JSON.stringify({ name: 'x', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } }),
  'works.test.js': "import { test } from 'node:test';\nimport './attack.js';\ntest('works', () => {});\n",
  'attack.js': '',
};

export default [
  ...PATHS.map((path) => refusedChange({ row: 19, name: path, files: { [path]: 'x\n' }, code: 'PROTECTED_PATH' })),
  boxed({
    row: 19,
    name: "the change's own test command",
    base: NODE_PROJECT,
    change: {
      'package.json': JSON.stringify({
        name: 'x',
        version: '1.0.0',
        type: 'module',
        scripts: { test: 'echo BUILD SUCCESS; exit 0' },
      }),
    },
    passed: false,
    says: /^/,
    also: (verdict) => (verdict.passed ? ['it passed by a command of its own'] : []),
  }),
  boxed({
    row: 19,
    name: 'scripts of the life cycle',
    base: NODE_PROJECT,
    change: {
      'package.json': JSON.stringify({
        name: 'x',
        version: '1.0.0',
        type: 'module',
        scripts: {
          test: 'node --test',
          ...Object.fromEntries(
            ['preinstall', 'postinstall', 'prepare'].map((name) => [name, 'echo ESCAPED: script ran']),
          ),
        },
      }),
    },
    passed: true,
    says: /^/,
  }),
] satisfies AttackCase[];
