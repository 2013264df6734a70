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
  'package-lock.json': JSON.stringify({ name: 'x', version: '1.0.0', lockfileVersion: 3, packages: { '': {} } }),
  'works.test.js': "import { test } from 'node:test';\ntest('works', () => {});\n",
};

/** The check names each code, with the entry that is meant, and nothing that only the change names is fetched. */
const refused = (
  name: string,
  change: (port: number) => Readonly<Record<string, string>>,
  codes: Readonly<Record<string, string>>,
): AttackCase => ({
  row: 33,
  name,
  base,
  async run({ harness, canaries, record }) {
    const heard = canaries.heard();
    const outcome = await harness.validate(change(canaries.tcpPort));
    record(outcome);
    const { passed, run, findings } = verdictOf(outcome);
    const found = findings.filter(({ severity }) => severity === 'error');
    return [
      ...(passed ? ['it passed'] : []),
      ...(run === null ? [] : ['it was executed']),
      ...(canaries.heard() === heard ? [] : ['it was fetched']),
      ...Object.entries(codes)
        .filter(
          ([code, entry]) =>
            !found.some(
              (each) =>
                each.check === 'policy.dependencies' &&
                each.code === code &&
                `${each.file}:${each.line ?? ''} ${each.message}`.includes(entry),
            ),
        )
        .map(([code, entry]) => `no ${code} for ${entry}, but ${found.map((each) => each.code).join(', ') || 'none'}`),
    ];
  },
});

const wanted = manifest({ 'left-pad': '1.0.0' });

export default [
  refused(
    'a lockfile that leads to another registry, without encryption',
    (port) => ({
      'package.json': wanted,
      'package-lock.json': lock(`http://127.0.0.1:${port}/left-pad.tgz`, 'sha512-AAAA'),
    }),
    { DEPENDENCY_HOST: '127.0.0.1', DEPENDENCY_INSECURE: 'left-pad', DEPENDENCY_NEW: 'package.json:1 left-pad' },
  ),
  refused(
    'a lockfile without integrity',
    (port) => ({
      'package.json': wanted,
      'package-lock.json': lock(`https://127.0.0.1:${port}/left-pad.tgz`, null),
    }),
    { DEPENDENCY_INTEGRITY: 'left-pad@1.0.0 has no checksum' },
  ),
  refused(
    'a dependency by address',
    (port) => ({
      'package.json': manifest({
        evil: `http://127.0.0.1:${port}/evil.tgz`,
        git: `git+http://127.0.0.1:${port}/evil.git`,
      }),
    }),
    { DEPENDENCY_SOURCE: 'evil comes from an address of its own' },
  ),
  refused('a manifest without its lockfile', () => ({ 'package.json': wanted }), {
    LOCKFILE_MISMATCH: 'left-pad',
    DEPENDENCY_NEW: 'left-pad',
  }),
  refused(
    'a lockfile without its manifest',
    (port) => ({ 'package-lock.json': lock(`http://127.0.0.1:${port}/left-pad.tgz`, 'sha512-AAAA') }),
    { LOCKFILE_MISMATCH: 'package-lock.json', DEPENDENCY_HOST: '127.0.0.1' },
  ),
  refused(
    'a script that runs at installation',
    (port) => ({
      'package.json': JSON.stringify({
        ...JSON.parse(manifest({})),
        scripts: { test: 'node --test', postinstall: `node -e "fetch('http://127.0.0.1:${port}')"` },
      }),
    }),
    { LIFECYCLE_SCRIPT: 'postinstall' },
  ),
  refused('where packages come from', (port) => ({ '.npmrc': `registry=http://127.0.0.1:${port}/\n` }), {
    REGISTRY_CONFIG: '.npmrc',
  }),
] satisfies AttackCase[];
