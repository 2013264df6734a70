import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack, AttackCase, Machine } from '../attack-case.ts';
import { baselineIn, changeAfter } from '../child-process.ts';

const needsRoot = ({ root }: Machine) => (root ? null : 'needs root to take it away');
const ORDINARY = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups'];

/** The validator is started with less than the sandbox needs: it has to say so and to execute nothing. */
const without = (
  name: string,
  prefix: readonly string[] | ((attack: Attack) => readonly string[]),
  inexpressible?: AttackCase['inexpressible'],
): AttackCase => ({
  row: 35,
  name,
  ...(inexpressible === undefined ? {} : { inexpressible }),
  async run(attack) {
    const canary = join(attack.harness.home, 'executed');
    const answer = await baselineIn(typeof prefix === 'function' ? prefix(attack) : prefix, canary);
    attack.record(JSON.stringify(answer));
    return [
      ...(answer.code === 'SANDBOX_UNAVAILABLE' ? [] : [`it answered ${JSON.stringify(answer)}`]),
      ...(answer.available === false && answer.reason ? [] : ['readiness does not say so']),
      ...(existsSync(canary) ? ['it executed the test'] : []),
    ];
  },
});

/** The sandbox held when the validator started and at its baseline; then the machine loses what it needs. */
const lost = (name: string, script: string): AttackCase => ({
  row: 35,
  name,
  inexpressible: needsRoot,
  async run({ harness, record }) {
    const canary = join(harness.home, 'executed');
    const answer = await changeAfter(script, canary);
    record(JSON.stringify(answer));
    return [
      ...(answer.held ? [] : ['it did not hold at first']),
      ...(answer.code === 'SANDBOX_UNAVAILABLE' ? [] : [`before the next probe it answered ${answer.code}`]),
      ...(answer.afterProbe === 'SANDBOX_UNAVAILABLE' ? [] : [`after it, it answered ${answer.afterProbe}`]),
      ...(answer.available === false && answer.reason ? [] : ['readiness does not say so']),
      ...(existsSync(canary) ? ['it executed the test'] : []),
    ];
  },
});

const COVERED_PROC =
  'mount -t tmpfs -o ro none /proc/acpi 2>/dev/null; mount -t tmpfs -o ro none /proc/scsi 2>/dev/null; mount --bind /dev/null /proc/kcore; mount -o remount,bind,ro /proc/sys 2>/dev/null || { mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys; }; true';

const inMounts = (script: string) => [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  `${script} && exec "$@"`,
  'sh',
];

export default [
  without('no bubblewrap', inMounts('mount --bind /dev/null /usr/bin/bwrap'), needsRoot),
  without('something else by its name', inMounts('mount --bind /bin/true /usr/bin/bwrap'), needsRoot),
  without(
    'no user namespaces',
    ['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--disable-userns', '--'],
    ({ root }) => (root ? 'as root it is tried as an ordinary user' : null),
  ),
  without(
    'no user namespaces, as an ordinary user that root started',
    [...ORDINARY, 'bwrap', '--dev-bind', '/', '/', '--unshare-user', '--disable-userns', '--'],
    needsRoot,
  ),
  without(
    'root without a capability',
    ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', '--no-new-privs'],
    needsRoot,
  ),
  without(
    'root that may not map users',
    ['setpriv', '--bounding-set', '-setfcap,-sys_admin,-setuid,-setgid', '--inh-caps', '-all'],
    needsRoot,
  ),
  without('a kernel that refuses mounts', ['perl', join(import.meta.dirname, '../deny-mount.pl')]),
  without('a /proc that is covered in part, as in a container', inMounts(COVERED_PROC), needsRoot),
  lost('bubblewrap is removed while the validator runs', 'mount --bind /dev/null /usr/bin/bwrap'),
  lost('something else takes its name while the validator runs', 'mount --bind /bin/true /usr/bin/bwrap'),
  lost('/proc is covered while the validator runs', COVERED_PROC),
] satisfies AttackCase[];
