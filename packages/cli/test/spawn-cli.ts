import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

process.setMaxListeners(0);

const MAIN = join(import.meta.dirname, '../src/main.ts');

export interface CliResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, parsed. Throws where it is no JSON object. */
  json(): Record<string, unknown>;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Removed when the test process ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'orchestrator-cli-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts the command as a user does. The environment holds nothing but PATH, HOME and what is given. */
export async function cli(
  args: readonly string[],
  { cwd = temporaryFolder(), env = {} }: CliOptions = {},
): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await startCli(args, { cwd, env });
  return {
    exitCode,
    stdout,
    stderr,
    json: () => JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>,
  };
}

/** The same, while it runs. */
export function startCli(args: readonly string[], { cwd = temporaryFolder(), env = {} }: CliOptions = {}) {
  return execa(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: true,
  });
}
