import { execa } from 'execa';
import { AppError } from '../errors/app-error.ts';
import { type GitTransport, gitEnvironment } from './git-environment.ts';

export interface GitOptions {
  /** The repository: --git-dir. Absent: none is looked for but in `cwd`. */
  readonly gitDir?: string;
  readonly cwd?: string;
  readonly workTree?: string;
  readonly input?: string | Uint8Array;
  /** Added to the literal environment. May hold secrets; argv never does. */
  readonly env?: Readonly<Record<string, string>>;
  /** Which transports may be used; default: none. */
  readonly transport?: GitTransport;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Runs as this user: for a repository that belongs to somebody else. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** These exit codes are answers, not failures. Default: 0. */
  readonly exitCodes?: readonly number[];
}

export interface GitResult {
  readonly stdout: Buffer;
  readonly exitCode: number;
}

/** git ended with an unexpected exit code, was killed, or took too long. `reason` is safe to show: it has no secret. */
export class GitFailure extends Error {
  readonly reason: string;
  readonly exitCode: number | null;
  readonly timedOut: boolean;

  constructor(command: string, reason: string, exitCode: number | null, timedOut: boolean) {
    super(`git ${command}: ${reason}`);
    this.name = 'GitFailure';
    this.reason = reason;
    this.exitCode = exitCode;
    this.timedOut = timedOut;
  }
}

/**
 * Configuration of every call. It stands before what the repository's own config says, so nothing that somebody wrote
 * into a repository is executed: no hooks, no fsmonitor, no external diff, no automatic maintenance.
 */
const SAFE_CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.alternateRefsCommand=true',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.quotePath=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.writeCommitGraph=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'safe.directory=*',
].flatMap((pair) => ['-c', pair]);

/** The same, as one word for `--upload-pack`: the process at the other end of a local fetch does not inherit it. */
export const SAFE_UPLOAD_PACK = `git ${SAFE_CONFIG.map((word) => (word === '-c' ? word : `'${word}'`)).join(' ')} upload-pack`;

const DEFAULT_TIMEOUT_MS = 120_000;

/** Runs git. Throws GitFailure, TOOL_MISSING, DISK_FULL, and the signal's reason when it aborts. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const { gitDir, workTree, signal } = options;
  signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const argv = [
    ...(gitDir ? [`--git-dir=${gitDir}`] : []),
    ...(workTree ? [`--work-tree=${workTree}`] : []),
    ...SAFE_CONFIG,
    ...args,
  ];
  const result = await execa('git', argv, {
    cwd: options.cwd ?? gitDir ?? '/',
    env: { ...gitEnvironment(options.transport), ...options.env },
    extendEnv: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1024 * 1024 * 1024,
    timeout: timeoutMs,
    killDescendants: true,
    forceKillAfterDelay: 2_000,
    reject: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(signal ? { cancelSignal: signal } : {}),
    ...(options.owner ?? {}),
  });
  if (result.isCanceled) signal?.throwIfAborted();
  const stdout = Buffer.from(result.stdout.buffer, result.stdout.byteOffset, result.stdout.byteLength);
  if (result.exitCode !== undefined && (options.exitCodes ?? [0]).includes(result.exitCode))
    return { stdout, exitCode: result.exitCode };
  if (result.code === 'ENOENT') throw new AppError('TOOL_MISSING', { tool: 'git', fix: 'Install git 2.30 or newer.' });
  const stderr = Buffer.from(result.stderr).toString('utf8');
  if (/No space left on device/.test(stderr)) throw new AppError('DISK_FULL', { path: gitDir ?? options.cwd ?? '/' });
  const reason = result.timedOut
    ? `no answer within ${timeoutMs / 1000} s`
    : lastLines(stderr) || result.originalMessage || `ended with ${result.exitCode ?? result.signal}`;
  throw new GitFailure(args[0] ?? '', reason, result.exitCode ?? null, result.timedOut);
}

/** Standard output as text without the final newline. */
export async function gitText(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await git(args, options)).stdout.toString('utf8').replace(/\n$/, '');
}

/** What git said, in one line: its errors first, without the user information of URLs. */
function lastLines(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  const errors = lines.filter((line) => /^(fatal|error|remote|ssh):/.test(line) && !/^(remote|fatal): *$/.test(line));
  return (errors.length > 0 ? errors : lines)
    .slice(-3)
    .map((line) => line.replace(/^(fatal|error): /, ''))
    .join('; ')
    .replace(/\/\/[^/@\s]*@/g, '//')
    .slice(0, 500);
}
