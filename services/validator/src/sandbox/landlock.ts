import { existsSync } from 'node:fs';
import { chown, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxInfo } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { boxEnvironment, processLimits } from './box-command.ts';
import { ETC } from './bubblewrap-arguments.ts';
import { launch } from './launch.ts';
import { endLeftovers } from './leftovers.ts';
import { proxyVariables, relayed } from './proxy-variables.ts';
import { KIT_DIR, type Sandbox, type SandboxResult, type SandboxRun, type SandboxSession } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';
import { type Slot, takeSlot } from './slots.ts';
import { anybodyMayEnter, systemTool } from './staged-launch.ts';
import { findToolchains, type Toolchains } from './toolchains.ts';

/** What every program reads. /proc shows the machine's processes, but nothing of other users beyond their command lines. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt', '/proc'] as const;
const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom'] as const;
/** How landlock.pl ends when it could not take the rights away; nothing has run then. */
const NOT_MADE = 70;
const END_TRIES = 200;

/**
 * The second tier, for machines that allow no user namespaces: a user id of its own, Landlock over files, signals and
 * TCP ports, and a system call filter in place of the network namespace. Weaker than bubblewrap: commands see the process
 * list, the disk is real everywhere, and no test may open a socket. Only for who asks for it by `sandbox.minTier: 2`, and
 * only as root, since a user id of its own is half of it.
 */
export function landlockSandbox(info: SandboxInfo = { tier: 'landlock', probes: {} }): Sandbox {
  return {
    info,
    layout: ({ work, cache, reports, home }) => ({ work, cache, reports, home, kit: KIT_DIR }),
    open: openSession,
  };
}

async function openSession(): Promise<SandboxSession> {
  if (process.getuid?.() !== 0)
    throw new AppError('SANDBOX_UNAVAILABLE', {
      reason: 'without user namespaces the sandbox needs root, to give commands a user of their own',
      fix: 'Allow user namespaces, or start the validator as root.',
    });
  const toolchains = await findToolchains();
  const slot = await takeSlot();
  await endAll(slot.uid);
  return {
    owner: { uid: slot.uid, gid: slot.uid },
    run: (run) => runUnder(run, slot, toolchains),
    release: () => slot.release(),
  };
}

async function runUnder(run: SandboxRun, { uid }: Slot, toolchains: Toolchains): Promise<SandboxResult> {
  if (!anybodyMayEnter(run.workspaceDir))
    throw notMade(`users of the sandbox may not enter the folders above ${run.workspaceDir}`);
  const home = run.homeDir ?? join(run.workspaceDir, '.home');
  const temporary = join(home, 'tmp');
  await mkdir(temporary, { recursive: true });
  for (const folder of [home, temporary]) await chown(folder, uid, uid);
  const writable = [run.workspaceDir, home, ...(run.writable ?? []).map(({ from }) => from)];
  // No mounts here: what the box would see elsewhere is led there by a link.
  for (const { from, to } of run.readOnly ?? []) {
    if (from === to || existsSync(to) || !writable.some((folder) => to.startsWith(`${folder}/`))) continue;
    await mkdir(dirname(to), { recursive: true });
    await symlink(from, to);
  }
  const relay =
    run.network === 'none'
      ? null
      : { kit: KIT_DIR, port: 20_000 + (uid % 10_000), socketPath: run.network.proxySocketPath };
  const readable = [
    ...SYSTEM,
    ...ETC.map((name) => `/etc/${name}`),
    ...['/etc/nsswitch.conf', '/etc/passwd', '/etc/group', '/etc/hosts'],
    ...toolchains.folders,
    KIT_DIR,
    ...(run.readOnly ?? []).map(({ from }) => from),
    ...(relay === null ? [] : [dirname(relay.socketPath)]),
  ];
  const filter = seccompFilter(process.arch, { streams: relay !== null });
  if (filter === null) throw notMade(`no system call filter is known for ${process.arch}`);
  const { result } = await launch({
    run,
    argv: [
      ...[
        systemTool('setpriv'),
        '--reuid',
        String(uid),
        '--regid',
        String(uid),
        '--clear-groups',
        '--bounding-set',
        '-all',
        '--inh-caps',
        '-all',
        '--no-new-privs',
        '--',
      ],
      ...[systemTool('perl'), join(KIT_DIR, 'landlock.pl'), filter.toString('hex'), String(relay?.port ?? 0)],
      ...[...readable, '--', ...writable, ...DEVICES, '--'],
      ...processLimits(run),
      ...(relay === null ? run.argv : relayed(run.argv, relay)),
    ],
    cwd: join(run.workspaceDir, run.cwd),
    env: boxEnvironment(
      { ...run.env, ...(relay === null ? {} : proxyVariables(run.env, relay.port)) },
      { toolchains, home, temporary },
    ),
    watched: writable,
    ownUid: uid,
    endOthers: () => endAll(uid),
  });
  if (result.ended === 'exit' && result.exitCode === NOT_MADE && result.output.startsWith('landlock: '))
    throw notMade(result.output.trim());
  return result;
}

const notMade = (reason: string): AppError =>
  new AppError('SANDBOX_UNAVAILABLE', {
    reason,
    fix: 'Allow user namespaces, or use Linux 6.7 or newer with Landlock.',
  });

/** Until a look finds none: what forks faster than it is found is stopped by its limit of processes. */
async function endAll(uid: number): Promise<void> {
  for (let tries = 0; endLeftovers({ uid, any: true }) > 0 && tries < END_TRIES; tries++) await delay(2);
}
