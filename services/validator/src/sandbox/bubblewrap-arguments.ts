import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BOX } from './box-layout.ts';
import { PROXY_SOCKET } from './proxy-variables.ts';
import { KIT_DIR, type Mount, type SandboxRun } from './sandbox.ts';

/** Files of /etc that toolchains read; everything else of it stays outside. */
export const ETC = [
  'alternatives',
  'ssl',
  'ca-certificates',
  'ca-certificates.conf',
  'pki',
  'crypto-policies',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'java',
  'java-17-openjdk',
  'java-21-openjdk',
  'maven',
  'gradle',
  'localtime',
  'timezone',
  'mime.types',
  'protocols',
  'services',
  'os-release',
  'debian_version',
] as const;
/** Ours instead of the machine's: no account or host name of it is shown. */
const OWN_ETC = ['passwd', 'group', 'hosts', 'nsswitch.conf'] as const;

const MIB = 1024 * 1024;

export interface ArgumentOptions {
  readonly run: SandboxRun;
  /** Folders of toolchains outside the system's own. */
  readonly folders: readonly string[];
  /** Where a path of the machine can be reached by the user that bubblewrap runs as. */
  readonly reach: (path: string) => string;
  /** File descriptor of the seccomp filter; undefined where there is none for the machine. */
  readonly seccompFd?: number | undefined;
}

/** The options of bubblewrap, in the order in which it applies them. Pure but for looking at what exists. */
export function bubblewrapArguments({ run, folders, reach, seccompFd }: ArgumentOptions): string[] {
  const scratchBytes = Math.min(512 * MIB, Math.max(16 * MIB, Math.floor(run.diskBytes / 4)));
  return [
    // --unshare-all skips a user namespace that it may not make, silently; asking for it again and for the ban on more of
    // them makes that an error.
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--hostname',
    'sandbox',
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    ...(seccompFd === undefined ? [] : ['--seccomp', String(seccompFd)]),
    ...systemFolders(),
    ...etc(reach),
    ...bind('--ro-bind-try', { from: '/opt', to: '/opt' }, reach),
    '--proc',
    '/proc',
    '--ro-bind',
    '/proc/sys',
    '/proc/sys',
    '--dev',
    '/dev',
    '--size',
    String(64 * MIB),
    '--tmpfs',
    '/dev/shm',
    '--remount-ro',
    '/dev',
    '--perms',
    '1777',
    '--size',
    String(scratchBytes),
    '--tmpfs',
    '/tmp',
    '--size',
    String(scratchBytes),
    '--tmpfs',
    BOX.home,
    // After /tmp, since a toolchain may lie below the machine's.
    ...folders.flatMap((folder) => bind('--ro-bind', { from: folder, to: folder }, reach)),
    ...bind('--ro-bind', { from: KIT_DIR, to: BOX.kit }, reach),
    ...bind('--bind', { from: run.workspaceDir, to: BOX.work }, reach),
    ...(run.writable ?? []).flatMap((mount) => bind('--bind', mount, reach)),
    ...readOnlyMounts(run).flatMap((mount) => bind('--ro-bind', mount, reach)),
    '--remount-ro',
    '/',
    '--chdir',
    join(BOX.work, run.cwd),
  ];
}

/** Every folder and file of the machine that the arguments name: what has to be reachable. */
export function mountSources(run: SandboxRun, folders: readonly string[]): string[] {
  return [
    ...folders,
    KIT_DIR,
    run.workspaceDir,
    ...[...(run.writable ?? []), ...readOnlyMounts(run)].map((mount) => mount.from),
  ];
}

const readOnlyMounts = ({ readOnly = [], network }: SandboxRun): Mount[] => [
  ...readOnly,
  ...(network === 'none' ? [] : [{ from: network.proxySocketPath, to: PROXY_SOCKET }]),
];

const bind = (option: string, { from, to }: Mount, reach: (path: string) => string): string[] => [
  option,
  reach(from),
  to,
];

/** /usr, and what of /bin, /sbin and /lib* is not a link into it. */
function systemFolders(): string[] {
  const options = ['--ro-bind', '/usr', '/usr'];
  for (const folder of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const entry = lstatSync(folder, { throwIfNoEntry: false });
    if (entry?.isSymbolicLink()) options.push('--symlink', readlinkSync(folder), folder);
    else if (entry !== undefined) options.push('--ro-bind', folder, folder);
  }
  return options;
}

function etc(reach: (path: string) => string): string[] {
  return [
    ...ETC.flatMap((name) => (existsSync(`/etc/${name}`) ? ['--ro-bind', `/etc/${name}`, `/etc/${name}`] : [])),
    ...OWN_ETC.flatMap((name) => ['--ro-bind', reach(join(KIT_DIR, 'etc', name)), `/etc/${name}`]),
  ];
}
