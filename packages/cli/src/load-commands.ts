import { readdir } from 'node:fs/promises';
import type { CommandDefinition } from './command.ts';

const FOLDER = new URL('./commands/', import.meta.url);

/** Every command of the folder, in the order of their names. A file is one command: its default export. */
export async function loadCommands(): Promise<CommandDefinition[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
  const commands = await Promise.all(
    files.map(async (file) => ({
      file,
      command: ((await import(new URL(file, FOLDER).href)) as { default?: CommandDefinition }).default,
    })),
  );
  return commands.map(({ file, command }) => {
    if (command === undefined || `${command.name.replaceAll(' ', '-')}.ts` !== file)
      throw new Error(`commands/${file} must have a default export named after the file`);
    return command;
  });
}
