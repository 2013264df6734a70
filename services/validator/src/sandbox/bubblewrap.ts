import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxInfo } from '@orchestrator/shared/contracts/verdict.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { boxEnvironment, processLimits } from './box-command.ts';
import { BOX } from './box-layout.ts';
import { bubblewrapArguments, mountSources } from './bubblewrap-arguments.ts';
import { launch } from './launch.ts';
import { endLeftovers } from './leftovers.ts';
import { proxyVariables, relayed } from './proxy-variables.ts';
import type { Sandbox, SandboxResult, SandboxRun, SandboxSession } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';
import { takeSlot } from './slots.ts';
import { stagedLaunch, systemTool } from './staged-launch.ts';
import { findToolchains, type Toolchains } from './toolchains.ts';

/** File descriptors that bubblewrap reads from and reports on; it closes them before the command starts. */
const ARGUMENTS_FD = 3;
const STATUS_FD = 4;
const SECCOMP_FD = 5;
/** Closed by the gate, not by bubblewrap. One digit: more is beyond a plain shell. */
const GATE_FD = 6;

/**
 * The default sandbox: bubblewrap with namespaces of its own for users, processes, network, IPC and host name, a file
 * system of listed folders only, no capability, a literal environment, and limits inside and outside. Never uid 0: a
 * process started as root gives each session a user id of its own.
 */
export function bubblewrapSandbox({
  info = { tier: 'bubblewrap', probes: {} },
  bwrapPath = systemTool('bwrap'),
}: BubblewrapOptions = {}): Sandbox {
  return { info, layout: () => BOX, open: () => openSession(bwrapPath) };
}

export interface BubblewrapOptions {
  readonly info?: SandboxInfo;
  /** Default: where the system has it. */
  readonly bwrapPath?: string;
}

async function openSession(bwrapPath: string): Promise<SandboxSession> {
  const toolchains = await findToolchains();
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) {
    endLeftovers({ uid, any: false });
    return { owner: null, run: (run) => runBox(run, { toolchains, bwrapPath, root: null }), release: async () => {} };
  }
  const slot = await takeSlot();
  endLeftovers({ uid: slot.uid, any: true });
  const stageDir = canStage() ? makeStageDir(slot.uid) : null;
  return {
    owner: { uid: slot.uid, gid: slot.uid },
    run: (run) => runBox(run, { toolchains, bwrapPath, root: { uid: slot.uid, stageDir } }),
    async release() {
      try {
        if (stageDir !== null) rmdirSync(stageDir);
      } finally {
        await slot.release();
      }
    },
  };
}

interface RootLaunch {
  readonly uid: number;
  /** null: the process may not mount (as in a container), so only folders that anybody may enter can be shown. */
  readonly stageDir: string | null;
}

interface BoxSetting {
  readonly toolchains: Toolchains;
  readonly bwrapPath: string;
  /** null: the process is an ordinary user's. */
  readonly root: RootLaunch | null;
}

async function runBox(run: SandboxRun, { toolchains, bwrapPath, root }: BoxSetting): Promise<SandboxResult> {
  const filter = seccompFilter(process.arch);
  // Not cut from a longer list: the command line of bubblewrap can be read in the box, so it holds nothing but this.
  const command = [
    bwrapPath,
    '--args',
    String(ARGUMENTS_FD),
    '--json-status-fd',
    String(STATUS_FD),
    '--',
    ...limited(run),
  ];
  const launchAs = (command: readonly string[]) => {
    if (root === null) return { argv: command, reach: (path: string) => path };
    if (root.stageDir !== null)
      return stagedLaunch(root.uid, root.stageDir, mountSources(run, toolchains.folders), command);
    const uid = String(root.uid);
    return {
      argv: [
        systemTool('setpriv'),
        '--reuid',
        uid,
        '--regid',
        uid,
        '--clear-groups',
        '--no-new-privs',
        '--',
        ...command,
      ],
      reach: (path: string) => path,
    };
  };
  const { argv, reach } = launchAs(command);
  const options = bubblewrapArguments({
    run,
    folders: toolchains.folders,
    reach,
    seccompFd: filter === null ? undefined : SECCOMP_FD,
  });
  const { result, setUp } = await launch({
    run,
    argv,
    env: environmentOf(run, toolchains),
    inputs: [Buffer.from(options.map((option) => `${option}\0`).join('')), filter ?? Buffer.alloc(0)],
    watched: [run.workspaceDir, ...(run.writable ?? []).map((mount) => mount.from)],
  });
  if (!setUp && result.ended === 'exit') throw unavailable(result.output);
  return result;
}

/**
 * The command waits for a word from us. --die-with-parent only works once bubblewrap's processes have asked the kernel for
 * it; were we to die before, the box would outlive us. Until the word comes, nothing but this has run, and it ends with us.
 */
const GATE = `echo >&${GATE_FD}; read -r go <&${GATE_FD} && exec "$@" ${GATE_FD}>&-`;

/** prlimit runs inside, where only the box's own processes count against the limit of its user. */
const limited = (run: SandboxRun): string[] => [
  '/bin/sh',
  '-c',
  GATE,
  'gate',
  ...processLimits(run),
  ...(run.network === 'none' ? run.argv : relayed(run.argv)),
];

const environmentOf = (run: SandboxRun, toolchains: Toolchains): Record<string, string> =>
  boxEnvironment(
    { ...run.env, ...(run.network === 'none' ? {} : proxyVariables(run.env)) },
    { toolchains, home: BOX.home, temporary: '/tmp' },
  );

/** The error for a box that could not be made. */
export function unavailable(output: string): AppError {
  const reason = output.trim().split('\n').slice(-3).join(' ') || 'bubblewrap did not start';
  return new AppError('SANDBOX_UNAVAILABLE', { reason, fix: fixFor(reason) });
}

/** What to do about what bubblewrap, unshare or setpriv said. */
export function fixFor(reason: string): string {
  if (/ENOENT|(execute|execv)[^\n]*bwrap/.test(reason)) return 'Install bubblewrap: apt-get install bubblewrap';
  if (/Unknown option|unrecognized/i.test(reason)) return 'Install bubblewrap 0.8 or newer.';
  if (/max_user_namespaces|No space left|nesting depth/i.test(reason))
    return 'Allow user namespaces: sysctl user.max_user_namespaces=15000';
  if (/mount.*proc|proc.*mount/i.test(reason))
    return 'In a container, start it with systempaths=unconfined; see docs/security.md.';
  if (/uid map|namespace|Operation not permitted|Permission denied/i.test(reason))
    return 'Allow unprivileged user namespaces for this process: in a container by the shipped seccomp profile, on Ubuntu by kernel.apparmor_restrict_unprivileged_userns=0; see docs/security.md.';
  return 'Run: orchestrator doctor';
}

let stageable: boolean | undefined;
function canStage(): boolean {
  try {
    if (stageable === undefined)
      execFileSync(systemTool('unshare'), ['--mount', '--propagation', 'private', '--', '/bin/true'], {
        stdio: 'ignore',
        env: {},
      });
    stageable ??= true;
  } catch {
    stageable = false;
  }
  return stageable;
}

/** The slot's own, so that a killed process leaves no trail of them. In a shared folder anybody may have been there first. */
function makeStageDir(uid: number): string {
  const parent =
    [tmpdir(), '/tmp', '/var/tmp'].find(
      (folder) => ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o001) !== 0,
    ) ?? '/tmp';
  let folder = join(parent, `orchestrator-stage-${uid}`);
  mkdirSync(folder, { recursive: true });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== 0) folder = mkdtempSync(`${folder}-`);
  chmodSync(folder, 0o711);
  return folder;
}
