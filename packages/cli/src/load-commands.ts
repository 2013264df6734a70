import { readdir } from 'node:fs/promises';
import type { CommandDefinition } from './command.ts';

const FOLDER = new URL('./commands/', import.meta.url);

/** Every command of the folder, in the order of their names. A file is one command: its default export. */
export async function loadCommands(): Promise<CommandDefinition[]> {
  return Promise.all((await commandFiles()).map(loadCommand));
}

/**
 * The commands that a command line can mean: those of its first word, or all where there is none, so that the rest (and
 * the libraries that it brings) is not loaded for nothing.
 */
export async function loadCommandsFor(argv: readonly string[]): Promise<CommandDefinition[]> {
  if (argv[0] === '--version' || argv[0] === '-V') return [];
  const files = await commandFiles();
  const meant = files.filter((file) => file === `${argv[0]}.ts` || file.startsWith(`${argv[0]}-`));
  return Promise.all((meant.length > 0 ? meant : files).map(loadCommand));
}

async function commandFiles(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
}

async function loadCommand(file: string): Promise<CommandDefinition> {
  const { default: command } = (await import(new URL(file, FOLDER).href)) as { default?: CommandDefinition };
  if (command === undefined || `${command.name.replaceAll(' ', '-')}.ts` !== file)
    throw new Error(`commands/${file} must have a default export named after the file`);
  return command;
}
