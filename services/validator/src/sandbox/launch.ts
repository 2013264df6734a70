import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { OutputBuffer } from './output-buffer.ts';
import { measureTree, measureUser, type TreeUsage } from './process-tree.ts';
import type { SandboxResult, SandboxRun } from './sandbox.ts';
import { startWatchdog } from './watchdog.ts';

export interface LaunchOptions {
  readonly run: SandboxRun;
  readonly argv: readonly string[];
  /** Default /. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to file descriptors 3 and 5; 4 is read as bubblewrap's status, 6 is the gate. Absent: no such descriptors. */
  readonly inputs?: readonly [Buffer, Buffer];
  /** The user that runs this command and nothing else: what it started is found by it, wherever it went. */
  readonly ownUid?: number;
  /** How everything below a process is measured where the machine has no /proc. */
  readonly measureAll?: (pid: number) => TreeUsage;
  /** Ends what the command left where no process namespace does. Called once it has exited. */
  readonly endOthers?: () => Promise<void>;
  /** Folders whose growth counts as disk use. */
  readonly watched: readonly string[];
}

const KEPT = { headBytes: 24 * 1024, tailBytes: 72 * 1024 };
/** A command that prints more is ended. */
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
const GRACE_MS = 5_000;

/**
 * Runs one command to its end or to its limits. `setUp`: whether bubblewrap got as far as starting the command.
 * Returns only when every process of the box is gone.
 */
export async function launch({
  run,
  argv,
  cwd = '/',
  env,
  inputs,
  ownUid,
  measureAll = measureTree,
  endOthers,
  watched,
}: LaunchOptions): Promise<{ result: SandboxResult; setUp: boolean }> {
  const began = performance.now();
  const output = new OutputBuffer(KEPT);
  if (run.signal.aborted)
    return { setUp: true, result: { exitCode: null, killedBy: null, ended: 'aborted', durationMs: 0, output: '' } };

  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd,
    env,
    // No input, and never a socket on it: a shell that finds one reads its start-up files.
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      ...(inputs === undefined ? [] : (['pipe', 'pipe', 'pipe', 'pipe'] as const)),
      ...coverInherited(inputs === undefined ? 3 : 7),
    ],
    detached: true,
  });
  let ended: SandboxResult['ended'] | null = null;
  const kill = (why: SandboxResult['ended']) => {
    ended ??= why;
    if (child.pid === undefined) return;
    // Bubblewrap's death ends the whole process namespace, but not while it is still being made: so each by itself, from
    // the innermost. Without bubblewrap, the process group is what can be reached.
    for (const target of inputs === undefined ? [-child.pid] : measureTree(child.pid).pids.toReversed()) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {
        // Already gone.
      }
    }
  };

  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const collect = (stream: Readable | null, name: 'stdout' | 'stderr') => {
    stream?.on('data', (chunk: Buffer) => {
      output.add(chunk);
      run.onOutput?.(chunk, name);
      if (output.totalBytes > MAX_OUTPUT_BYTES) kill('output');
    });
    stream?.on('error', () => {});
  };
  collect(child.stdout, 'stdout');
  collect(child.stderr, 'stderr');
  const status = inputs === undefined ? null : pipeThrough(child.stdio, inputs);

  const onAbort = () => kill('aborted');
  run.signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => kill('timeout'), run.timeoutMs);
  const { pid } = child;
  const watchdog =
    pid === undefined
      ? null
      : startWatchdog({
          measure: () => (ownUid === undefined ? measureAll(pid) : measureUser(ownUid)),
          memoryBytes: run.memoryBytes,
          processes: run.processes,
          cpuMs: run.cpuMs,
          diskBytes: run.diskBytes,
          writable: watched,
          onBreach: kill,
        });
  const { code, signal, error } = await exited;
  clearTimeout(timer);
  run.signal.removeEventListener('abort', onAbort);
  watchdog?.stop();
  if (inputs === undefined) kill('exit');
  await endOthers?.();
  await boxGone(status?.childPid() ?? null);
  await Promise.race([closed, delay(GRACE_MS, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();

  const wasKilled = ended !== null && ended !== 'exit';
  const exitCode = wasKilled ? null : (code ?? (signal === null ? null : 128 + constants.signals[signal]));
  return {
    setUp: status === null ? error === undefined : status.setUp(),
    result: {
      exitCode,
      killedBy: exitCode !== null && exitCode > 128 ? signalName(exitCode - 128) : null,
      ended: ended ?? 'exit',
      durationMs: performance.now() - began,
      output: error === undefined ? output.text() : `${argv[0]}: ${(error as NodeJS.ErrnoException).code}`,
    },
  };
}

/**
 * Descriptors that this process itself was started with and that would pass through it: /dev/null takes their place.
 * Everything that Node opens closes by itself.
 */
function coverInherited(from: number): (number | 'ignore')[] {
  if (!existsSync('/proc/self/fdinfo')) return [];
  const leaking = readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((fd) => fd >= from && fd < 4096 && passesOn(fd));
  if (leaking.length === 0) return [];
  nullFd ??= openSync('/dev/null', 'r+');
  const cover: (number | 'ignore')[] = new Array(Math.max(...leaking) - from + 1).fill('ignore');
  for (const fd of leaking) cover[fd - from] = nullFd;
  return cover;
}
let nullFd: number | undefined;

const CLOSE_ON_EXEC = 0o2000000;
function passesOn(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}

/** Feeds bubblewrap its inputs and reads what it says about the command. */
function pipeThrough(
  stdio: readonly unknown[],
  inputs: readonly [Buffer, Buffer],
): { childPid: () => number | null; setUp: () => boolean } {
  let text = '';
  for (const [stream, input] of [
    [stdio[3] as Writable | null, inputs[0]],
    [stdio[5] as Writable | null, inputs[1]],
  ] as const) {
    stream?.on('error', () => {});
    stream?.end(input);
  }
  const gate = stdio[6] as Duplex | null;
  gate?.on('error', () => {});
  gate?.once('data', () => gate.end('go\n'));
  const status = stdio[4] as Readable | null;
  status?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  status?.on('error', () => {});
  return {
    childPid: () => Number(/"child-pid": (\d+)/.exec(text)?.[1] ?? 0) || null,
    setUp: () => text.includes('"exit-code"'),
  };
}

/** Waits until the first process of the box's process namespace is gone: the kernel ends all others before it. */
async function boxGone(pid: number | null): Promise<void> {
  if (pid === null) return;
  for (const until = performance.now() + GRACE_MS; performance.now() < until; await delay(2)) {
    if (!existsSync(`/proc/${pid}`)) return;
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      return;
    }
  }
}

function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
