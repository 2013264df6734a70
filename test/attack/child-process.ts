import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, 'child.ts');

/** What the stages of a process of its own say: `code` of the error, or the kind of the outcome. */
export interface ChildAnswer {
  readonly kind?: string;
  readonly code?: string;
  readonly available?: boolean;
  readonly reason?: string;
  /** Of a sandbox that is lost later: it held at first. */
  readonly held?: boolean;
  /** `code` once more, after the probe has been made again. */
  readonly afterProbe?: string;
}

/**
 * Runs the baseline of a repository whose test would leave `canary`, in a process that starts by `prefix`: the same
 * program, with less than the sandbox needs.
 */
export const baselineIn = (prefix: readonly string[], canary: string): Promise<ChildAnswer> =>
  answerOf([...prefix, process.execPath, PROGRAM, 'baseline', canary]);

/** The same program with all that it needs, until `script` has run in its mount namespace. */
export const changeAfter = (script: string, canary: string): Promise<ChildAnswer> =>
  answerOf([
    ...['unshare', '--mount', '--propagation', 'private'],
    ...[process.execPath, PROGRAM, 'later', canary, script],
  ]);

function answerOf([program = process.execPath, ...args]: readonly string[]): Promise<ChildAnswer> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { encoding: 'utf8', timeout: 120_000, cwd: '/', env: childEnvironment() },
      (error, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1) ?? '';
        if (last.startsWith('{')) resolve(JSON.parse(last) as ChildAnswer);
        else reject(new Error(`${program} ended: ${error?.message ?? ''} ${stderr.slice(-500)}`));
      },
    );
  });
}

/** A validator that is in the middle of an endless test, with `marker` on the command lines. Its first line is its home. */
export async function startEndless(marker: string): Promise<{ readonly child: ChildProcess; readonly home: string }> {
  const child = spawn(process.execPath, [PROGRAM, 'endless', marker], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    env: childEnvironment(),
  });
  const home = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the validator ended with ${code}`)));
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
  });
  return { child, home };
}

const childEnvironment = () => ({ ...process.env, HOME: '/nonexistent' });
