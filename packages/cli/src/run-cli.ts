import { readFileSync } from 'node:fs';
import { prepareHome } from '@orchestrator/shared/boot/home.ts';
import { type LogScreen, openLogger } from '@orchestrator/shared/boot/logger.ts';
import { type Environment, readEnvironment } from '@orchestrator/shared/config/environment.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type Command, CommanderError } from 'commander';
import { z } from 'zod';
import { buildProgram, type Invocation } from './build-program.ts';
import type { CommandContext, CommandDefinition } from './command.ts';
import { openContext } from './context.ts';
import { loadCommandsFor } from './load-commands.ts';
import { reportError } from './report-error.ts';
import { toJsonLine } from './show/json.ts';
import { type Terminal, viewOf } from './terminal.ts';

/** Runs one command line to its end and returns the exit code. Never throws. `signal` aborts at Ctrl+C. */
export async function runCli(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const asked = { json: argv.includes('--json'), verbose: argv.includes('--verbose') || argv.includes('-v') };
  try {
    const invocation = await parse(argv, terminal);
    if (invocation === undefined) return 0;
    return await invoke(invocation, terminal, signal);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (signal.aborted && isAbort(error)) return interrupted(terminal);
    return reportError(error, terminal, asked);
  }
}

async function parse(argv: readonly string[], terminal: Terminal): Promise<Invocation | undefined> {
  let invocation: Invocation | undefined;
  const program = buildProgram(await loadCommandsFor(argv), version(), terminal, (asked) => {
    invocation = asked;
  });
  if (argv.length === 0) {
    program.outputHelp();
    return undefined;
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    // A group without a command of its own: its help has just been printed where errors go.
    if (error instanceof CommanderError && error.code === 'commander.help') throw groupUsage(argv, program);
    throw error;
  }
  return invocation;
}

function groupUsage(argv: readonly string[], program: Command): AppError {
  const group = program.commands.find((command) => argv.includes(command.name()));
  const words = group?.commands.map((command) => `orchestrator ${group.name()} ${command.name()}`) ?? [];
  return new AppError('USAGE', {
    message: `"${group?.name() ?? argv.join(' ')}" is not a command by itself: ${words.join(', ')}`,
  });
}

async function invoke({ command, values }: Invocation, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { json, verbose, home, ...rest } = values as { json?: boolean; verbose?: boolean; home?: string };
  const input = parseInput(command, rest);
  const env = readEnvironment(
    {
      ...terminal.env,
      ...(home === undefined ? {} : { ORCHESTRATOR_HOME: home }),
      ...(verbose ? { ORCHESTRATOR_LOG_LEVEL: 'debug' } : {}),
    },
    terminal.cwd,
  );
  // The doctor looks at the home folder itself.
  if (command.name !== 'doctor') prepareHome(env.ORCHESTRATOR_HOME);
  const screen = openScreen(command, terminal, env, { json: json === true, verbose: verbose === true });
  const { log, close } = openLogger({ env, service: 'cli', screen, file: command.logs !== 'query' });
  const context = openContext({ env, terminal, log, json: json === true, signal, showLogThrough: screen.through });
  try {
    const result = await command.run(context, input);
    terminal.stdout.write(
      json ? toJsonLine(result.data) : `${result.render(viewOf(terminal.stdout, terminal.env)).trimEnd()}\n`,
    );
    return result.exitCode ?? (signal.aborted ? 130 : 0);
  } catch (error) {
    if (!(error instanceof AppError)) log.debug({ err: error }, 'command failed');
    throw error;
  } finally {
    await context.close();
    close();
  }
}

function parseInput(command: CommandDefinition, values: Record<string, unknown>): unknown {
  const parsed = command.input.safeParse(values);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `${issue.path.length > 0 ? `--${String(issue.path[0])}: ` : ''}${issue.message}`,
  );
  throw new AppError('USAGE', { message: lines.join('\n') });
}

/** Work speaks on stdout, as services do; a question's answer is not to be mixed with a log. */
function openScreen(
  command: CommandDefinition,
  terminal: Terminal,
  env: Environment,
  { json, verbose }: { json: boolean; verbose: boolean },
): LogScreen & { through: CommandContext['showLogThrough'] } {
  const stream = command.logs !== 'query' && !json ? terminal.stdout : terminal.stderr;
  const view = viewOf(stream, terminal.env);
  const quiet = command.logs === 'query' || (command.logs === 'work' && view.terminal);
  let write: ((text: string) => void) | null = null;
  return {
    write: (text) => (write ?? ((line: string) => stream.write(line)))(text),
    pretty: view.terminal,
    color: view.color,
    level: quiet && !verbose ? 'warn' : env.ORCHESTRATOR_LOG_LEVEL,
    through: (next) => {
      write = next;
    },
  };
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error instanceof AppError && error.code === 'CANCELLED'));

function interrupted(terminal: Terminal): number {
  terminal.stderr.write('Interrupted. What was in work goes on at the next start.\n');
  return 130;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
