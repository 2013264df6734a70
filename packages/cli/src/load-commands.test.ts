import { describe, expect, it } from 'vitest';
import { buildProgram } from './build-program.ts';
import { loadCommands, loadCommandsFor } from './load-commands.ts';

const commands = await loadCommands();

describe.each(commands.map((command) => [command.name, command] as const))('the command %s', (name, command) => {
  it('says what it does, with examples that it understands', () => {
    expect(command.summary).toMatch(/^[a-z].*[^.]$/);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [example] of command.examples) {
      const [, words = ''] = /orchestrator ([^|>]*)/.exec(example) ?? [];
      const program = buildProgram(commands, '0.0.0', SILENT, (invocation) => {
        expect(invocation.command.name).toBe(name);
        const { json, home, verbose, ...rest } = invocation.values;
        expect(command.input.safeParse(rest).error).toBeUndefined();
      });
      // As a shell splits it.
      const argv = (words.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
      expect(() => program.parse(argv, { from: 'user' })).not.toThrow();
    }
    expect.assertions(2 + command.examples.length * 3);
  });

  it('describes every option and argument', () => {
    for (const { description } of [...(command.options ?? []), ...(command.arguments ?? [])])
      expect(description).not.toBe('');
  });
});

const SILENT = { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, cwd: '/' };

describe('loadCommandsFor', () => {
  it('loads what a command line can mean', async () => {
    expect((await loadCommandsFor(['budget', 'simulate'])).map(({ name }) => name)).toEqual([
      'budget import',
      'budget simulate',
      'budget thaw',
      'budget',
    ]);
    expect((await loadCommandsFor(['tasks', '--json'])).map(({ name }) => name)).toEqual(['tasks']);
    expect(await loadCommandsFor(['nonsense'])).toHaveLength(commands.length);
  });
});
