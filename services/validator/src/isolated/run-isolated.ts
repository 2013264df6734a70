import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const HEAP_MB = 512;

/** The program died, took too long or said too much. `at`: the source that it was working on, where it had said so. */
export class IsolationFailure extends Error {
  readonly at: string | null;

  constructor(reason: string, at: string | null) {
    super(reason);
    this.name = 'IsolationFailure';
    this.at = at;
  }
}

export interface IsolatedOptions {
  /** A TypeScript file that reads one JSON value from standard input and calls `report`. */
  readonly program: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Reads texts of a change in a process of its own: native parsers and patterns meet what a model wrote, and neither a crash
 * nor an endless search may take the service along. The process has no environment, so no secret. Throws IsolationFailure.
 */
export async function runIsolated<T>(options: IsolatedOptions): Promise<T> {
  const { program, input, signal } = options;
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, '--disable-warning=ExperimentalWarning', program],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {},
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      killSignal: 'SIGKILL',
      signal,
    },
  );
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
  });
  // A program that died before it read everything is told by how it ended.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(input));
  const [[code, killedBy], output, complaint] = await Promise.all([
    once(child, 'close') as Promise<[number | null, string | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  const lines = output.split('\n').filter((line) => line !== '');
  const last = lines.at(-1) ?? '';
  if (code === 0 && last.startsWith('{"result":')) return (JSON.parse(last) as { result: T }).result;
  const at = lines.findLast((line) => line.startsWith('{"at":'));
  throw new IsolationFailure(
    killedBy === null ? `it ended with ${code}: ${complaint.trim().slice(-300)}` : `it was ended by ${killedBy}`,
    at === undefined ? null : (JSON.parse(at) as { at: string }).at,
  );
}
