import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Channel } from './channel.ts';

const FOLDER = join(import.meta.dirname, 'channels');

/** All channels of channels/, by name. Throws on a file without a default export, or whose id is not its name. */
export async function loadChannels(): Promise<readonly Channel[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
  return Promise.all(
    names.map(async (name) => {
      const { default: channel } = (await import(pathToFileURL(join(FOLDER, name)).href)) as { default?: Channel };
      if (channel?.id !== name.slice(0, -'.ts'.length))
        throw new Error(`${name} has no default export whose id is its name`);
      return channel;
    }),
  );
}
