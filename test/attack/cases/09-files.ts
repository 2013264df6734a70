import { dirname } from 'node:path';
import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const SYSTEM = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/ssh/ssh_host_ed25519_key',
  '/root/.ssh',
  '/root/.npmrc',
  '/root/.git-credentials',
  '/root/.m2/settings.xml',
  '/run/secrets',
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/var/lib',
  '/var/log',
  '/home',
  '/sys/kernel',
  '/sys/fs/cgroup',
  '/boot',
  '/proc/kcore',
  '/proc/kmsg',
  '/dev/mem',
  '/dev/vda',
  '/dev/sda',
  '/dev/kmsg',
];

const read = (paths: readonly string[]) =>
  paths
    .map(
      (path) =>
        (path.startsWith('/proc/') ? '' : `fails "saw ${path}" ls -l "${path}"; `) +
        `fails "read ${path}" head -c 1 "${path}"`,
    )
    .join('\n');

export default [
  boxed({ row: 9, name: "the system's secrets and devices", sh: read(SYSTEM) }),
  boxed({
    row: 9,
    name: "the service's own secrets",
    sh: ({ canaries }) =>
      `${read(canaries.secretPaths)}\ncat ${canaries.secretPaths.map((path) => `"${path}"`).join(' ')} 2>/dev/null`,
  }),
  boxed({
    row: 9,
    name: "another job's workspace and the service's home",
    sh: ({ harness, canaries }) =>
      read([
        harness.home,
        `${harness.home}/mirrors`,
        `${harness.home}/workspaces`,
        harness.repository.path,
        dirname(canaries.secretPaths.at(-1) ?? '/x'),
      ]),
  }),
  boxed({
    row: 9,
    name: "the service's source",
    sh: () => read([import.meta.dirname, `${process.cwd()}/package.json`]),
  }),
  boxed({
    row: 9,
    name: 'the same through the folders of other processes',
    sh: ({ canaries }) =>
      `for root in /proc/1/root /proc/self/root /proc/*/cwd/../../..; do for path in /etc/shadow /root/.npmrc /home "${canaries.secretPaths[0]}"; do fails "$root$path" ls "$root$path"; done; done; cat /proc/1/root${canaries.secretPaths[0]} 2>/dev/null`,
  }),
] satisfies AttackCase[];
