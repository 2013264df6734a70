import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

export const ROOT = new URL('../../../..', import.meta.url).pathname.replace(/\/$/, '');

/** Aborted by SIGINT and SIGTERM: what runs ends, and what was made is removed. */
export const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error(`ended by ${signal}`)));

/** Waits; throws when the program is asked to stop. */
export const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopping.signal });

export interface CommandOptions {
  readonly timeoutMs?: number;
  /** On top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Goes on after a signal to stop: for cleaning up. */
  readonly always?: boolean;
  /** What it prints goes to standard error as it comes, and is not returned. */
  readonly show?: boolean;
}

/** Runs a program in the root of the project; gives its standard output. Throws with what it printed. */
export async function command(
  argv: readonly string[],
  { timeoutMs = 120_000, env = {}, show = false, always = false }: CommandOptions = {},
) {
  const [file, ...args] = argv as [string, ...string[]];
  const common = {
    cwd: ROOT,
    stdin: 'ignore',
    timeout: timeoutMs,
    env,
    ...(always ? {} : { cancelSignal: stopping.signal }),
  } as const;
  if (show) {
    // Standard output belongs to the result of the program.
    await execa(file, args, { ...common, stdout: 2, stderr: 2 });
    return '';
  }
  return (await execa(file, args, common)).stdout;
}
