import type { AttackCase } from '../attack-case.ts';
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
const RUN = 'echo ESCAPED: script ran';
const manifest = (scripts: Record<string, string>) => ({
  'package.json': JSON.stringify({ name: 'x', version: '1.0.0', type: 'module', scripts }),
});
const NODE_PROJECT = {
  Makefile: 'nothing:\n',
  ...manifest({ test: 'node --test' }),
  'works.test.js': "import { test } from 'node:test';\nimport './attack.js';\ntest('works', () => {});\n",
  'attack.js': '',
};

export default [
  ...PATHS.map((path) => refusedChange({ row: 19, name: path, files: { [path]: 'x\n' }, code: 'PROTECTED_PATH' })),
  refusedChange({
    row: 19,
    name: "the change's own test command",
    base: NODE_PROJECT,
    files: manifest({ test: 'echo BUILD SUCCESS; exit 0' }),
    code: 'TEST_CONFIGURATION',
  }),
  refusedChange({
    row: 19,
    name: 'scripts of the life cycle',
    base: NODE_PROJECT,
    files: manifest({ test: 'node --test', preinstall: RUN, postinstall: RUN, prepare: RUN }),
    code: 'LIFECYCLE_SCRIPT',
  }),
] satisfies AttackCase[];
