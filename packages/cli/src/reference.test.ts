import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadCommands } from './load-commands.ts';
import { commandReference } from './reference.ts';

it('docs/commands.md holds every command with its options and examples, and no other', async () => {
  const text = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
  const commands = await loadCommands();

  expect(
    text.includes(commandReference(commands)),
    'The document is out of date: run `node scripts/write-reference.ts`.',
  ).toBe(true);
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual(commands.map(({ name }) => name));
});
