import { verdictOf } from '../../../services/validator/test/stage-harness.ts';
import type { AttackCase } from '../attack-case.ts';

const manifest = (dependencies: Readonly<Record<string, string>>) =>
  JSON.stringify({ name: 'x', version: '1.0.0', type: 'module', scripts: { test: 'node --test' }, dependencies });
const lock = (resolved: string, integrity: string | null) =>
  JSON.stringify({
    name: 'x',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'x', version: '1.0.0', dependencies: { 'left-pad': '1.0.0' } },
      'node_modules/left-pad': { version: '1.0.0', resolved, ...(integrity === null ? {} : { integrity }) },
    },
  });
const base = {
  Makefile: 'nothing:\n',
  'package.json': manifest({}),
  'works.test.js': "import { test } from 'node:test';\ntest('works', () => {});\n",
};

/** Whatever a check says of it: nothing that only the change names is fetched. */
const notFetched = (name: string, change: (port: number) => Readonly<Record<string, string>>): AttackCase => ({
  row: 33,
  name,
  base,
  async run({ harness, canaries, record }) {
    const heard = canaries.heard();
    const outcome = await harness.validate(change(canaries.tcpPort));
    record(outcome);
    const { run } = verdictOf(outcome);
    return [
      ...(canaries.heard() === heard ? [] : ['it was fetched']),
      ...(run?.commands.some(({ step }) => step === 'prepare') ? ['dependencies of the change were prepared'] : []),
    ];
  },
});

export default [
  notFetched('a lockfile that leads to another registry', (port) => ({
    'package.json': manifest({ 'left-pad': '1.0.0' }),
    'package-lock.json': lock(`http://127.0.0.1:${port}/left-pad.tgz`, 'sha512-AAAA'),
  })),
  notFetched('a lockfile without integrity', (port) => ({
    'package.json': manifest({ 'left-pad': '1.0.0' }),
    'package-lock.json': lock(`http://127.0.0.1:${port}/left-pad.tgz`, null),
  })),
  notFetched('a dependency by address', (port) => ({
    'package.json': manifest({
      evil: `http://127.0.0.1:${port}/evil.tgz`,
      git: `git+http://127.0.0.1:${port}/evil.git`,
    }),
  })),
  notFetched('a manifest without its lockfile', () => ({ 'package.json': manifest({ 'left-pad': '1.0.0' }) })),
] satisfies AttackCase[];
