// Runs inside the sandbox and tries what must not work. Prints one JSON object: probe -> true where the sandbox held.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const { secretPath, tcpPort, udpPort, abstractName, marker } = JSON.parse(process.argv[2]);

const fails = (work) => {
  try {
    work();
    return false;
  } catch {
    return true;
  }
};
/** Nothing where it cannot be read: another user's process, where there is no process namespace. */
const readable = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const refused = (options) =>
  new Promise((resolve) => {
    const socket = connect(options, () => resolve(false));
    socket.setTimeout(1000, () => resolve(true));
    socket.on('error', () => resolve(true));
  });
const isLinux = process.platform === 'linux';
const status = readable('/proc/self/status');
const field = (name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
const KNOWN =
  /^(LANG|TZ|CI|TERM|NO_COLOR|USER|LOGNAME|SHELL|TMPDIR|HOME|PATH|PWD|JAVA_HOME|SHLVL|_|SANDBOX_RUNTIME|__CF_USER_TEXT_ENCODING)$/;
const names = (text) =>
  text
    .split('\0')
    .filter(Boolean)
    .map((entry) => entry.split('=')[0]);

spawn('sh', ['-c', 'while :; do sleep 1; done', marker], { detached: true, stdio: 'ignore' }).unref();
await new Promise((resolve) => {
  const socket = createSocket('udp4');
  socket.on('error', () => resolve());
  socket.send('probe', udpPort, '127.0.0.1', () => socket.close(() => resolve()));
});

const probes = {
  notRoot: process.getuid() !== 0,
  environmentClean:
    Object.keys(process.env).every((name) => KNOWN.test(name)) &&
    names(readable('/proc/1/environ')).every((name) => KNOWN.test(name)),
  secretHidden: fails(() => readFileSync(secretPath)),
  accountsHidden: fails(() => readFileSync(isLinux ? '/etc/shadow' : '/private/etc/master.passwd')),
  networkClosed:
    (await refused({ host: '127.0.0.1', port: tcpPort })) &&
    (await lookup('example.com').then(
      () => false,
      () => true,
    )),
  systemReadOnly: ['/canary', '/usr/canary', '/etc/canary', '/box/kit/canary'].every((path) =>
    fails(() => writeFileSync(path, 'x')),
  ),
};
/** What only Linux has. */
const linux = async () => ({
  hostSocketsClosed: await refused({ path: `\0${abstractName}` }),
  kernelSettingsReadOnly:
    fails(() => writeFileSync('/proc/sys/kernel/core_pattern', 'core')) &&
    fails(() => writeFileSync('/proc/sys/kernel/hostname', 'x')),
  noNewPrivileges: field('NoNewPrivs') === '1',
  noCapabilities: Number.parseInt(field('CapEff') ?? 'f', 16) === 0,
  noNestedNamespaces: spawnSync('unshare', ['--user', 'true']).status !== 0,
});
if (isLinux) Object.assign(probes, await linux());
// Last: it leaves no room for a thread that anything above might start.
const FORKS = 'i=0; while [ $i -lt 120 ]; do sleep 2 >/dev/null 2>&1 & i=$((i+1)); done; echo all';
// Elsewhere only the watchdog counts processes, and ends the whole command.
if (isLinux)
  probes.processesLimited = !spawnSync('sh', ['-c', FORKS], { timeout: 5000, encoding: 'utf8' }).stdout.includes('all');
process.stdout.write(JSON.stringify(probes));
process.exit(0);
