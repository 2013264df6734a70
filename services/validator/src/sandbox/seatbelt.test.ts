import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readProcesses, watchTree } from './mac-processes.ts';
import type { SandboxRun } from './sandbox.ts';
import { seatbeltCommand, seatbeltSandbox } from './seatbelt.ts';

const folder = mkdtempSync(join(tmpdir(), 'orchestrator-seatbelt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const work = join(folder, 'work');
const home = join(folder, 'home');
mkdirSync(work);
mkdirSync(join(home, 'tmp'), { recursive: true });
const run = (more: Partial<SandboxRun> = {}): SandboxRun => ({
  argv: ['printf', '%s|', 'a b', "it's", '$HOME;`id`'],
  cwd: '',
  workspaceDir: work,
  writable: [{ from: '/Users/me/.orchestrator/reports', to: '/box/reports' }],
  readOnly: [{ from: '/Users/me/.orchestrator/cache/x', to: '/box/cache/x' }],
  env: {},
  network: 'none',
  timeoutMs: 1_000,
  cpuMs: 2_000,
  memoryBytes: 1,
  diskBytes: 1_024 * 1_024,
  processes: 1,
  signal: new AbortController().signal,
  ...more,
});
const TOOLCHAINS = { folders: ['/Users/me/.nvm/versions/node'] };

/** What sandbox-exec would be given: its profile, and what the command printed once it was let through. */
function executed(command: string): { readonly profile: string; readonly printed: string } {
  const stub = join(folder, 'sandbox-exec');
  const kept = join(folder, 'profile');
  writeFileSync(stub, `#!/bin/sh\nprintf '%s' "$2" > ${kept}\nshift 2\nexec "$@"\n`);
  chmodSync(stub, 0o755);
  expect(command).toContain('/usr/bin/sandbox-exec -p ');
  const printed = execFileSync('/bin/sh', ['-c', command.replace('/usr/bin/sandbox-exec', stub)], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  });
  return { profile: readFileSync(kept, 'utf8'), printed };
}

/** The paths of the rules that begin so. */
const pathsOf = (profile: string, rule: string): string[] =>
  profile
    .split(/\n(?=\()/)
    .filter((each) => each.startsWith(rule))
    .flatMap((each) => [...each.matchAll(/\((?:subpath|literal) "([^"]+)"\)/g)].map((match) => match[1] as string));

test('the profile refuses by default: no network, nothing of people, writes to the run alone', () => {
  const { profile, printed } = executed(seatbeltCommand(run(), home, TOOLCHAINS));
  expect(printed).toBe("a b|it's|$HOME;`id`|");
  expect(profile).toMatch(/^\(version 1\)\n\(deny default /);
  expect(profile).not.toMatch(/\(allow network/);
  for (const path of ['/Users', '/private/var/root', '/private/tmp', '/Library/Keychains'])
    expect(pathsOf(profile, '(deny file-read*')).toContain(path);
  expect(pathsOf(profile, '(allow file-read*')).toEqual(
    expect.arrayContaining([work, home, '/Users/me/.nvm/versions/node', '/Users/me/.orchestrator/cache/x']),
  );
  expect(pathsOf(profile, '(allow file-read*')).not.toContain('/Users');
  expect([...new Set(pathsOf(profile, '(allow file-write*'))].sort()).toEqual(
    ['/Users/me/.orchestrator/reports', home, work].sort(),
  );
});

test('prepare reaches its proxy and the loopback interface, and nothing else', () => {
  const command = seatbeltCommand(run({ network: { proxySocketPath: '/private/tmp/p/s' } }), home, TOOLCHAINS);
  expect(command).toContain('relay.mjs');
  expect(command).toContain('/private/tmp/p/s');
  const outbound = command.split('\n').filter((line) => /^\(allow network(-outbound|\*)?[ )]/.test(line));
  expect(outbound.length).toBeGreaterThan(0);
  for (const line of outbound) expect(line).toMatch(/localhost|\/private\/tmp\/p\/s/);
});

test('limits and the folder for temporary files are set before the command begins', () => {
  const { printed } = executed(
    seatbeltCommand(
      run({ argv: ['sh', '-c', 'ulimit -c; ulimit -n; ulimit -f; ulimit -t; echo "$TMPDIR"'] }),
      home,
      TOOLCHAINS,
    ),
  );
  expect(printed.split('\n')).toEqual(['0', '4096', '2048', '7', join(home, 'tmp'), '']);
});

test.skipIf(process.platform === 'darwin')('it refuses everywhere but on macOS, and nothing is executed', async () => {
  await expect(seatbeltSandbox().open()).rejects.toMatchObject({
    code: 'SANDBOX_UNAVAILABLE',
    message: expect.stringContaining('sandbox-exec is a program of macOS, this is linux'),
  });
  await expect(seatbeltSandbox(undefined, 'darwin').open()).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
});

const PS = (lines: string[]) => readProcesses(lines.join('\n'));
const at = (second: number) => `Wed Nov 25 05:00:0${second} 2026    `;

test('processes are followed after they have left the tree, but not a stranger with an old number', () => {
  const moments = [
    PS([
      `  10     1   1024   0:01.50 ${at(1)}`,
      `  11    10   2048   1:00.00 ${at(2)}`,
      `  99     1   4096   0:09.00 ${at(1)}`,
    ]),
    // The child has been adopted, and has a child of its own.
    PS([
      `  10     1   1024   0:01.50 ${at(1)}`,
      `  11     1   2048   1:00.00 ${at(2)}`,
      `  12    11   1024   0:00.50 ${at(3)}`,
    ]),
    // 11 is somebody else now.
    PS([`  11     1   2048   0:00.00 ${at(9)}`, `  12     1   1024   0:00.50 ${at(3)}`]),
  ];
  const killed: number[] = [];
  let moment = 0;
  const tree = watchTree(
    () => moments[moment] ?? [],
    (pid) => killed.push(pid),
  );
  expect(tree.measure(10)).toEqual({ pids: [10, 11], threads: 2, residentBytes: 3 * 1024 * 1024, cpuMs: 61_500 });
  moment = 1;
  expect(tree.measure(10).pids).toEqual([10, 11, 12]);
  moment = 2;
  expect(tree.endAll()).toBe(1);
  expect(killed).toEqual([12]);
});

test('times of the processor are read in every form', () => {
  const times = ['0:00.01', '12:34.50', '1:02:03.00', '2-01:00:00.00'];
  expect(PS(times.map((time, index) => `${index + 1} 0 0 ${time} ${at(1)}`)).map(({ cpuMs }) => cpuMs)).toEqual([
    10, 754_500, 3_723_000, 176_400_000,
  ]);
});
