import { EXIT_CODES } from '@orchestrator/shared/errors/exit-codes.ts';
import { Command, Option } from 'commander';
import type { CommandDefinition } from './command.ts';
import { type Terminal, viewOf } from './terminal.ts';

/** What the command line asked for, before it is checked. */
export interface Invocation {
  readonly command: CommandDefinition;
  readonly values: Record<string, unknown>;
}

const GROUPS: Readonly<Record<string, string>> = {
  actions: 'GitHub Actions.',
  notify: 'Channels.',
  state: 'The state that runs in GitHub Actions keep on a branch.',
};

/** The command line of all commands. Parsing calls `invoke` once; it throws commander's errors. */
export function buildProgram(
  commands: readonly CommandDefinition[],
  version: string,
  terminal: Terminal,
  invoke: (invocation: Invocation) => void,
): Command {
  const program = prepared(new Command('orchestrator'), terminal)
    .description('Develops software unattended, inside a hard budget.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', exitCodeHelp());
  // Shorter names first, so that "budget" exists when "budget simulate" joins it.
  for (const command of [...commands].sort((a, b) => depth(a) - depth(b)))
    addCommand(program, command, terminal, invoke);
  return program;
}

const depth = (command: CommandDefinition): number => command.name.split(' ').length;

function addCommand(
  program: Command,
  definition: CommandDefinition,
  terminal: Terminal,
  invoke: (invocation: Invocation) => void,
): void {
  const words = definition.name.split(' ');
  const parent = words.slice(0, -1).reduce((at, word) => {
    const existing = at.commands.find((each) => each.name() === word);
    if (existing) return existing;
    const group = prepared(new Command(word), terminal).description(GROUPS[word] ?? '');
    at.addCommand(group);
    return group;
  }, program);
  const command = prepared(new Command(words.at(-1)), terminal)
    .summary(definition.summary)
    .description([definition.summary, definition.description ?? ''].join('\n\n').trim());
  for (const argument of definition.arguments ?? []) command.argument(argument.name, argument.description);
  for (const option of definition.options ?? []) command.addOption(new Option(option.flags, option.description));
  addCommonOptions(command);
  command.addHelpText('after', exampleHelp(definition));
  command.action((...parsed: unknown[]) => {
    const names = command.registeredArguments.map((argument) => argument.name());
    const given = Object.fromEntries(
      names.map((name, i) => [name, parsed[i]]).filter(([, value]) => value !== undefined),
    );
    // With those of the parent: "budget simulate --json" gives --json to "budget", which has it too.
    invoke({ command: definition, values: { ...command.optsWithGlobals(), ...given } });
  });
  parent.addCommand(command);
}

/** Options of every command; they are handled before the command runs. */
function addCommonOptions(command: Command): void {
  command
    .option('--json', 'print one JSON object as the last line of stdout, everything else on stderr')
    .option('--home <dir>', 'folder for database, mirrors, logs and exports (ORCHESTRATOR_HOME)')
    .option('-v, --verbose', 'log more, to the screen too');
}

function prepared(command: Command, terminal: Terminal): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ sortSubcommands: true, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // Errors are reported in one place, with their code and exit code.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(viewOf(terminal.stdout, terminal.env).width, 100),
      getErrHelpWidth: () => Math.min(viewOf(terminal.stderr, terminal.env).width, 100),
      getOutHasColors: () => viewOf(terminal.stdout, terminal.env).color,
      getErrHasColors: () => viewOf(terminal.stderr, terminal.env).color,
    });
}

function exampleHelp({ examples }: CommandDefinition): string {
  const width = Math.max(...examples.map(([command]) => command.length), 0);
  return `\nExamples:\n${examples.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`).join('\n')}\n`;
}

function exitCodeHelp(): string {
  return `\nExit codes (docs/errors.md):\n${Object.entries(EXIT_CODES)
    .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
    .join('\n')}\n`;
}
