import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { wrapCommandWithSandboxMacOS } from '@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js';
import { quote } from '@anthropic-ai/sandbox-runtime/dist/utils/shell-quote.js';
import type { SandboxInfo } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { boxEnvironment, cpuSeconds, OPEN_FILES } from './box-command.ts';
import { launch } from './launch.ts';
import { watchTree } from './mac-processes.ts';
import { proxyVariables, relayed } from './proxy-variables.ts';
import { KIT_DIR, type Sandbox, type SandboxResult, type SandboxRun } from './sandbox.ts';
import { findToolchains, type Toolchains } from './toolchains.ts';

/** Where people, programs and the system keep what is nobody's business. What a command needs of it is opened again. */
const HIDDEN = [
  '/Users',
  '/Volumes',
  '/Network',
  '/private/var/root',
  '/private/var/folders',
  '/private/var/db',
  '/private/tmp',
  '/private/etc/master.passwd',
  '/Library/Keychains',
] as const;
/** Of that, what every program is loaded with. */
const SYSTEM = ['/private/var/db/dyld', '/private/var/db/timezone', '/private/var/select'] as const;
const PROXY_PORT = 23_128;
const END_TRIES = 50;

/**
 * macOS: sandbox-exec with a profile by sandbox-runtime. Only for who asks for it by `sandbox.minTier: 2`: there are no
 * namespaces, commands run as the validator's own user, and a process that leaves the tree within a tenth of a second
 * outlives its command (inside the profile). It has not been run on a Mac by us; the probe has to hold on yours.
 */
export function seatbeltSandbox(
  info: SandboxInfo = { tier: 'seatbelt', probes: {} },
  platform: NodeJS.Platform = process.platform,
): Sandbox {
  return {
    info,
    layout: ({ work, cache, reports, home }) => ({ work, cache, reports, home, kit: KIT_DIR }),
    async open() {
      if (platform !== 'darwin' || !existsSync('/usr/bin/sandbox-exec'))
        throw refusal(
          `sandbox-exec is a program of macOS, this is ${platform}`,
          'Use bubblewrap, or the shipped container.',
        );
      if (process.getuid?.() === 0)
        throw refusal('root is not shut in by a profile', 'Start the validator as an ordinary user.');
      const toolchains = await findToolchains();
      return { owner: null, run: (run) => runUnder(run, toolchains), release: async () => {} };
    },
  };
}

const refusal = (reason: string, fix: string): AppError => new AppError('SANDBOX_UNAVAILABLE', { reason, fix });

async function runUnder(run: SandboxRun, toolchains: Toolchains): Promise<SandboxResult> {
  const home = run.homeDir ?? join(run.workspaceDir, '.home');
  await mkdir(join(home, 'tmp'), { recursive: true });
  const writable = writableOf(run, home);
  // No mounts: what a box would see elsewhere is led there by a link.
  for (const { from, to } of run.readOnly ?? []) {
    if (from === to || existsSync(to) || !writable.some((folder) => to.startsWith(`${folder}/`))) continue;
    await mkdir(dirname(to), { recursive: true });
    await symlink(from, to);
  }
  const tree = watchTree();
  const { result } = await launch({
    run,
    argv: ['/bin/sh', '-c', seatbeltCommand(run, home, toolchains)],
    cwd: join(run.workspaceDir, run.cwd),
    env: boxEnvironment(
      { ...run.env, ...(run.network === 'none' ? {} : proxyVariables(run.env, PROXY_PORT)) },
      { toolchains, home, temporary: join(home, 'tmp') },
    ),
    watched: writable,
    measureAll: (pid) => tree.measure(pid),
    endOthers: async () => {
      for (let tries = 0; tree.endAll() > 0 && tries < END_TRIES; tries++);
    },
  });
  return result;
}

const writableOf = (run: SandboxRun, home: string): string[] => [
  run.workspaceDir,
  home,
  ...(run.writable ?? []).map(({ from }) => from),
];

/**
 * The whole command line, for a shell. Without a network nothing is reached at all; prepare reaches its proxy's socket, and
 * the loopback interface, where its relay listens.
 */
export function seatbeltCommand(run: SandboxRun, home: string, { folders }: Pick<Toolchains, 'folders'>): string {
  const writable = writableOf(run, home);
  const relay =
    run.network === 'none' ? null : { kit: KIT_DIR, port: PROXY_PORT, socketPath: run.network.proxySocketPath };
  const argv = relay === null ? run.argv : relayed(run.argv, relay);
  const readable = [...SYSTEM, ...folders, KIT_DIR, ...writable, ...(run.readOnly ?? []).map(({ from }) => from)];
  const limits = [
    'ulimit -c 0',
    `ulimit -n ${OPEN_FILES}`,
    `ulimit -f ${Math.ceil(run.diskBytes / 512)}`,
    ...(run.cpuMs === undefined ? [] : [`ulimit -t ${cpuSeconds(run.cpuMs)}`]),
  ];
  return wrapCommandWithSandboxMacOS({
    // The library sets a folder for temporary files that is not ours.
    command: [...limits, `TMPDIR=${quote([join(home, 'tmp')])}`, 'export TMPDIR', `exec ${quote([...argv])}`].join(
      '; ',
    ),
    commandId: 'box',
    needsNetworkRestriction: true,
    allowUnixSockets: relay === null ? [] : [relay.socketPath],
    allowLocalBinding: relay !== null,
    readConfig: {
      denyOnly: [...HIDDEN],
      allowWithinDeny: relay === null ? readable : [...readable, dirname(relay.socketPath)],
    },
    writeConfig: { allowOnly: writable, denyWithinAllow: [] },
    binShell: 'sh',
  });
}
