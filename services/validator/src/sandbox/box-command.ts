import { delimiter } from 'node:path';
import type { SandboxRun } from './sandbox.ts';
import { SYSTEM_PATH, type Toolchains } from './toolchains.ts';

export const OPEN_FILES = 4096;
/**
 * Address space that runtimes reserve and never fill (V8 alone takes half a GiB for code), on top of the memory limit. The
 * watchdog counts what is really used; this limit only stops what grows faster than it looks.
 */
const RESERVED_BYTES = 1024 * 1024 * 1024;

const CPU_SLACK_SECONDS = 5;

/** What one process may take of the processor: a little more than the watchdog grants the whole tree, which is to be first. */
export const cpuSeconds = (cpuMs: number): number => Math.ceil(cpuMs / 1_000) + CPU_SLACK_SECONDS;

/** The limits that the kernel keeps by itself; the command follows. */
export const processLimits = (run: Pick<SandboxRun, 'processes' | 'memoryBytes' | 'diskBytes' | 'cpuMs'>): string[] => [
  '/usr/bin/prlimit',
  `--nproc=${run.processes}`,
  `--data=${run.memoryBytes + RESERVED_BYTES}`,
  `--fsize=${run.diskBytes}`,
  `--nofile=${OPEN_FILES}`,
  // For one process that takes it all between two looks of the watchdog.
  ...(run.cpuMs === undefined ? [] : [`--cpu=${cpuSeconds(run.cpuMs)}`]),
  '--core=0',
  '--',
];

/** The whole environment of a command. */
export const boxEnvironment = (
  env: Readonly<Record<string, string>>,
  {
    toolchains,
    home,
    temporary,
  }: { readonly toolchains: Toolchains; readonly home: string; readonly temporary: string },
): Record<string, string> => ({
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  CI: 'true',
  TERM: 'dumb',
  NO_COLOR: '1',
  USER: 'runner',
  LOGNAME: 'runner',
  SHELL: '/bin/sh',
  TMPDIR: temporary,
  HOME: home,
  ...toolchains.env,
  ...env,
  PATH: [...(env.PATH?.split(delimiter) ?? []), ...toolchains.pathFolders, ...SYSTEM_PATH].join(delimiter),
});
