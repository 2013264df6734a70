import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyProcessNamed } from '../src/sandbox/probe.ts';
import type { Sandbox, SandboxResult, SandboxRun, SandboxSession } from '../src/sandbox/sandbox.ts';

const MIB = 1024 * 1024;

/**
 * What every sandbox has to hold against. An adapter is one file and a call of this. `namespaces`: whether a box has
 * processes and users of its own.
 */
export function sandboxContract(
  name: string,
  make: () => Sandbox,
  { namespaces = true }: { readonly namespaces?: boolean } = {},
): void {
  describe(`the ${name} sandbox`, () => {
    let folder: string;
    let session: SandboxSession;
    const sandbox = make();
    const canary = `canary-${randomUUID()}`;

    beforeAll(async () => {
      process.env.CONTRACT_SECRET = canary;
      folder = mkdtempSync(join(tmpdir(), 'orchestrator-contract-'));
      chmodSync(folder, 0o711);
      session = await sandbox.open();
    });
    afterAll(async () => {
      delete process.env.CONTRACT_SECRET;
      await session.release();
      rmSync(folder, { recursive: true, force: true });
    });

    const workspace = (): string => {
      const path = join(folder, randomUUID());
      mkdirSync(path);
      if (session.owner !== null) chownSync(path, session.owner.uid, session.owner.gid);
      return path;
    };
    const run = (argv: readonly string[], options: Partial<SandboxRun> = {}): Promise<SandboxResult> =>
      session.run({
        argv: argv as [string, ...string[]],
        cwd: '',
        workspaceDir: workspace(),
        env: {},
        network: 'none',
        timeoutMs: 20_000,
        memoryBytes: 512 * MIB,
        diskBytes: 64 * MIB,
        processes: 100,
        signal: new AbortController().signal,
        ...options,
      });
    const sh = (script: string, options: Partial<SandboxRun> = {}) => run(['sh', '-c', script], options);
    const node = (script: string, options: Partial<SandboxRun> = {}) =>
      run(['node', '--input-type=module', '-e', script], options);

    test('runs a command with its arguments as they are, and gives its output and exit code', async () => {
      const result = await run([
        'sh',
        '-c',
        'printf "%s|" "$@"; echo err >&2; exit 7',
        'x',
        'a b',
        '$HOME;`id`',
        '--',
        '',
      ]);
      expect(result).toMatchObject({ exitCode: 7, ended: 'exit', killedBy: null });
      expect(result.output).toContain('a b|$HOME;`id`|--||');
      expect(result.output).toContain('err');
      expect(await sh('kill -SEGV $$')).toMatchObject({ exitCode: 139, killedBy: 'SIGSEGV' });
      expect(await run(['no-such-command'])).toMatchObject({
        // Without a root of its own, folders of PATH may be there and closed.
        exitCode: namespaces ? 127 : expect.toBeOneOf([126, 127]),
        ended: 'exit',
      });
    });

    test('lets the command write its workspace and nothing else', async () => {
      const workspaceDir = workspace();
      const result = await sh(
        'echo mine > file; for path in / /usr /etc /bin /opt /box /box/kit /proc/sys/kernel /dev; do touch "$path/canary" 2>/dev/null && echo "wrote $path"; done; true',
        { workspaceDir },
      );
      expect(result).toMatchObject({ exitCode: 0, output: '' });
      expect(readFileSync(join(workspaceDir, 'file'), 'utf8')).toBe('mine\n');
      expect(lstatSync(join(workspaceDir, 'file')).uid).not.toBe(0);
    });

    test('hides the secrets of the process that starts it, wherever a command looks', async () => {
      const result = await sh(
        'env; cat /proc/self/environ /proc/1/environ /proc/*/environ /proc/*/cmdline 2>/dev/null; ls -l /proc/*/fd 2>/dev/null',
        { env: { GIVEN: 'yes' } },
      );
      expect(result.output).toContain('GIVEN=yes');
      expect(result.output).not.toContain(canary);
    });

    test('passes on no file descriptor but the three standard ones', async () => {
      const result = await node(
        "import { readdirSync, readlinkSync } from 'node:fs'; for (const fd of [0, 1, 2]) console.log(readlinkSync('/proc/self/fd/' + fd)); ",
      );
      expect(result.output.split('\n')[0]).toBe('/dev/null');
      const open = await sh('for fd in /proc/self/fd/*; do readlink "$fd"; done');
      expect(
        open.output.split('\n').filter((target) => !/^$|^\/dev\/null$|^socket:|^pipe:|^\/proc\/\d+\/fd$/.test(target)),
      ).toEqual([]);
      expect((open.output.match(/^(socket|pipe):/gm) ?? []).length).toBeLessThanOrEqual(2);
    });

    test('hides files of other users, of other runs and of this program', async () => {
      const other = workspace();
      writeFileSync(join(other, 'file'), canary);
      const secret = join(folder, 'secret');
      writeFileSync(secret, canary, { mode: 0o600 });
      const result = await sh(
        `for path in /etc/shadow /root/.ssh /root/.npmrc /run /var /home /sys "${secret}" "${other}/file" "${import.meta.dirname}"; do if ${namespaces ? 'ls "$path"' : '{ ls "$path/" || head -c 1 "$path"; }'} >/dev/null 2>&1; then echo "saw $path"; fi; done; cat "${secret}" "${other}/file" 2>/dev/null; true`,
      );
      expect(result).toMatchObject({ exitCode: 0, output: '' });
    });

    test.skipIf(!namespaces)('shows only its own processes', async () => {
      const result = await sh('ls /proc | grep -c "^[0-9]*$"');
      expect(Number(result.output)).toBeLessThan(10);
    });

    test('has no privilege to gain: no capability, no new namespace, no mount, no device, no set-uid program', async () => {
      const result = await sh(
        'grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; for try in "unshare --user true" "unshare --mount true" "mount -t tmpfs x /tmp" "mknod device c 1 3" "chroot /usr true"; do $try 2>/dev/null && echo "worked: $try"; done; su -c true </dev/null 2>/dev/null && echo "worked: su"; id -u',
      );
      expect(result.output).toMatch(/CapEff:\s+0+\n/);
      expect(result.output).toMatch(/CapBnd:\s+0+\n/);
      expect(result.output).toMatch(/NoNewPrivs:\s+1\n/);
      expect(result.output).toMatch(/Seccomp:\s+2\n/);
      expect(result.output).not.toContain('worked');
      expect(result.output.trim().split('\n').at(-1)).toMatch(namespaces ? /^1000$/ : /^64\d{3}$/);
    });

    test('leaves the settings of the kernel alone', async () => {
      const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
      const result = await sh(
        'for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sysrq-trigger /proc/self/../sys/kernel/panic; do echo 1 > "$file" && echo "wrote $file"; done 2>/dev/null; true',
      );
      expect(result.output).toBe('');
      expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
    });

    describe('without network', () => {
      let heard = 0;
      let tcp: Server;
      let abstract: Server;
      let file: Server;
      const udp = createSocket('udp4');
      beforeAll(async () => {
        const server = () => createServer(() => heard++);
        [tcp, abstract, file] = [server(), server(), server()];
        await new Promise<void>((resolve) => tcp.listen(0, '0.0.0.0', resolve));
        await new Promise<void>((resolve) => abstract.listen(`\0${canary}`, resolve));
        await new Promise<void>((resolve) => file.listen(join(folder, 'socket'), resolve));
        await new Promise<void>((resolve) => udp.bind(0, '0.0.0.0', resolve));
        udp.on('message', () => heard++);
      });
      afterAll(() => {
        for (const server of [tcp, abstract, file]) server.close();
        udp.close();
      });

      test('reaches nothing: no TCP, UDP, DNS, IPv6 or socket of this machine', async () => {
        const own =
          Object.values(networkInterfaces())
            .flatMap((list) => list ?? [])
            .find((address) => !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.2';
        const tcpPort = (tcp.address() as AddressInfo).port;
        const result = await node(`
          import { connect } from 'node:net'; import { createSocket } from 'node:dgram'; import { lookup, resolve4 } from 'node:dns/promises';
          const open = (options) => new Promise((done) => { const socket = connect(options, () => done(true)); socket.on('error', () => done(false)); setTimeout(() => done(false), 1500); });
          for (const options of [{ host: '127.0.0.1', port: ${tcpPort} }, { host: '${own}', port: ${tcpPort} }, { host: '::1', port: ${tcpPort} }, { host: '169.254.169.254', port: 80 }, { path: '\\0${canary}' }, { path: '${join(folder, 'socket')}' }])
            if (await open(options)) console.log('connected', options);
          for (const host of ['127.0.0.1', '${own}']) await new Promise((done) => { const socket = createSocket('udp4'); socket.on('error', done); socket.send('x', ${udp.address().port}, host, () => socket.close(done)); });
          for (const look of [lookup, resolve4]) await look('example.com').then(() => console.log('resolved'), () => {});
          console.log('done'); process.exit(0);`);
        expect(result.output).toBe('done\n');
        expect(heard).toBe(0);
      });
    });

    test('ends everything that the command started, and does not wait for what holds its output', async () => {
      const marker = `daemon-${randomUUID()}`;
      const began = performance.now();
      const result = await sh(
        `for i in 1 2 3; do setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' ${marker} & done; (nohup sh -c 'sleep 300' ${marker} &) ; echo started`,
      );
      expect(result).toMatchObject({ exitCode: 0, ended: 'exit', output: 'started\n' });
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await anyProcessNamed(marker)).toBe(false);
    });

    test.each([
      ['ignores SIGTERM', 'trap "" TERM INT HUP; while :; do sleep 0.1; done'],
      ['stops itself', 'kill -STOP $$; sleep 60'],
      ['spins', 'while :; do :; done'],
    ])('ends a command at its time limit that %s', async (_what, script) => {
      const began = performance.now();
      expect(await sh(script, { timeoutMs: 700 })).toMatchObject({ exitCode: null, ended: 'timeout' });
      expect(performance.now() - began).toBeLessThan(8_000);
    });

    test('ends the command when it is told to', async () => {
      const controller = new AbortController();
      const running = sh('echo up; sleep 60', { signal: controller.signal, onOutput: () => controller.abort() });
      expect(await running).toMatchObject({ exitCode: null, ended: 'aborted', output: 'up\n' });
      expect(await sh('true', { signal: controller.signal })).toMatchObject({ ended: 'aborted' });
    });

    test('bounds a fork bomb', async () => {
      const marker = `bomb-${randomUUID()}`;
      const result = await sh(`bomb() { bomb ${marker} | bomb ${marker} & }; bomb; sleep 2; echo survived`, {
        processes: 40,
        timeoutMs: 6_000,
      });
      expect(['exit', 'timeout', 'processes', 'output']).toContain(result.ended);
      expect(await anyProcessNamed(marker)).toBe(false);
      const counted = await sh('i=0; while [ $i -lt 80 ]; do sleep 2 >/dev/null 2>&1 & i=$((i+1)); done; echo all', {
        processes: 40,
      });
      expect(counted.output).not.toContain('all');
    });

    test.each([
      ['one process', 'const all = []; for (;;) all.push(Buffer.alloc(8 * 1024 * 1024, 1));'],
      [
        'several processes',
        "import { spawn } from 'node:child_process'; const eat = 'const all = []; for (let i = 0; i < 12; i++) all.push(Buffer.alloc(8 * 1024 * 1024, 1)); setTimeout(() => {}, 20000)'; for (let i = 0; i < 4; i++) spawn('node', ['-e', eat], { stdio: 'ignore' }); setTimeout(() => {}, 20000);",
      ],
    ])('ends what takes too much memory: %s', async (_what, script) => {
      expect(await node(script, { memoryBytes: 250 * MIB })).toMatchObject({ exitCode: null, ended: 'memory' });
    });

    test.each(['while :; do :; done', 'for i in 1 2 3; do (while :; do :; done) & done; wait'])(
      'ends what takes too much of the processor: %s',
      async (script) => {
        expect(await sh(script, { cpuMs: 1_500 })).toMatchObject({ exitCode: null, ended: 'cpu' });
      },
    );

    test('bounds what is kept in memory as files', async () => {
      const result = await sh(
        'for folder in /dev/shm /tmp "$HOME"; do dd if=/dev/zero of="$folder/big" bs=1M count=120 2>/dev/null && echo "filled $folder"; done; true',
      );
      expect(result.output).toBe('');
    });

    test('bounds a file and the sum of all files', async () => {
      expect(await sh('dd if=/dev/zero of=big bs=1M count=80 2>/dev/null', { diskBytes: 20 * MIB })).not.toMatchObject({
        exitCode: 0,
      });
      const many = await sh(
        'i=0; while [ $i -lt 400 ]; do dd if=/dev/zero of=file$i bs=1M count=5 2>/dev/null; i=$((i+1)); sleep 0.02; done',
        { diskBytes: 20 * MIB },
      );
      expect(many).toMatchObject({ exitCode: null, ended: 'disk' });
    });

    test('ends a flood of output, keeping its beginning and end in bounded space', async () => {
      let seen = 0;
      const result = await sh('echo first; yes 0123456789 & yes error >&2', {
        onOutput: (chunk) => {
          seen += chunk.length;
        },
      });
      expect(result).toMatchObject({ exitCode: null, ended: 'output' });
      expect(result.output.startsWith('first\n')).toBe(true);
      expect(result.output).toMatch(/bytes left out/);
      expect(Buffer.byteLength(result.output)).toBeLessThan(200 * 1024);
      expect(seen).toBeLessThan(80 * MIB);
    });

    test('gives output that can be stored: no NUL byte, no broken characters', async () => {
      const result = await sh(String.raw`printf 'a\000b\377\376c\303\244\n'`);
      expect(result.output).toBe('ab\uFFFD\uFFFDcä\n');
    });

    test('runs two sessions at once that know nothing of each other', async () => {
      const second = await sandbox.open();
      try {
        if (session.owner !== null) expect(second.owner?.uid).not.toBe(session.owner.uid);
        expect(second.owner?.uid).not.toBe(0);
      } finally {
        await second.release();
      }
    });
  });
}
