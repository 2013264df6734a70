import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAnthropicServer } from '../../packages/testkit/src/anthropic/server.ts';
import { startOpenAiServer } from '../../packages/testkit/src/openai/server.ts';
import { recordedAnswers } from '../../packages/testkit/src/scripts/recorded-answers.ts';
import { answersOf, exampleRepository, type Machine, startCli } from './cli-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The commands of the README, in its order: those of its sh blocks and those within its sentences. */
const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) =>
  (match[1] ?? '').split('\n').map((line) => line.trim()),
);
const inline = [...README.matchAll(/`(npm (?:start|run)[^`]*)`/g)].map((match) => match[1] ?? '');
const commands = [...new Set([...blocks, ...inline])].filter((line) => line.startsWith('npm '));
const cliArguments = commands
  .filter((line) => line.startsWith('npm start -- '))
  .map((line) => line.slice('npm start -- '.length).split(' '));

let folder: string;
let machine: Machine & { close(): Promise<void> };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
  exampleRepository('text-kit', join(folder, 'your-repository'));
  const script = recordedAnswers(answersOf('text-kit'));
  const [anthropic, openai] = await Promise.all([startAnthropicServer({ script }), startOpenAiServer({ script })]);
  machine = {
    home: join(folder, 'home'),
    anthropic,
    openai,
    close: async () => {
      await Promise.all([anthropic.close(), openai.close()]);
    },
  };
});
afterAll(async () => {
  await machine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the README', () => {
  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const command of commands) {
      const [, verb, name] = command.split(' ');
      expect(Object.keys(scripts), command).toContain(verb === 'run' ? name : verb);
    }
    expect(cliArguments.length).toBeGreaterThan(5);
  });

  it.each(cliArguments.map((args) => [args.join(' '), args] as const))(
    'its command does what it says: %s',
    { timeout: 240_000 },
    async (_, args) => {
      const given = args.map((arg) => (arg === '../your-repository' ? join(folder, 'your-repository') : arg));
      const process = startCli(machine, given);
      const code = await process.ended;
      // One task of the example never passes, which the exit code of `run` says.
      expect(code, process.output()).toBe(args[0] === 'run' && !args.includes('--dry-run') ? 7 : 0);
      expect(process.output().trim()).not.toBe('');
    },
  );

  it('links to files that exist', () => {
    for (const [, target = ''] of README.matchAll(/\]\(([^)#]+)\)/g))
      expect(() => readFileSync(join(ROOT, target)), target).not.toThrow(/ENOENT/);
  });
});
