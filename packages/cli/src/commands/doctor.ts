import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { channels } from '../doctor/channels.ts';
import { type Diagnosis, warn } from '../doctor/check.ts';
import { github } from '../doctor/github.ts';
import { machine } from '../doctor/machine.ts';
import { repository } from '../doctor/repository.ts';
import { sandbox } from '../doctor/sandbox.ts';
import { storage } from '../doctor/storage.ts';
import { vendors } from '../doctor/vendors.ts';
import { table } from '../show/table.ts';
import type { View } from '../terminal.ts';

const CHECKS = [sandbox, repository, vendors, github, channels, storage];

export default defineCommand({
  name: 'doctor',
  summary: 'check keys, addresses, models, sandbox, database and tools, and say what to do',
  description:
    'Asks the vendors only for their lists of models, which costs nothing. Ends with 0 if nothing fails, otherwise with the exit code of the first failure.',
  options: [REPO_OPTION],
  input: z.object({ repo: z.string().optional() }),
  examples: [
    ['orchestrator doctor', 'the machine and the repository in this folder'],
    ['orchestrator doctor --repo ../my-plugin --json', 'for scripts'],
  ],
  logs: 'query',
  async run(context, { repo }) {
    const found: Diagnosis[] = [];
    found.push(...(await machine(context, { repo })));
    const homeless = found.some(({ name, status }) => name === 'home' && status === 'fail');
    if (homeless) found.push(warn('the rest', 'was not looked at', 'It needs the home folder.'));
    // One after the other: the later ones use what the earlier ones opened, and the lines keep their order.
    else for (const check of CHECKS) found.push(...(await check(context, { repo })));
    const failures = found.filter(({ status }) => status === 'fail');
    return {
      data: { ok: failures.length === 0, checks: found.map(({ exitCode, ...rest }) => rest) },
      exitCode: failures[0]?.exitCode ?? 0,
      render: (view) => `${report(found, view)}\n\n${verdict(found)}`,
    };
  },
});

const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function report(found: readonly Diagnosis[], view: View): string {
  const rows = found.map(({ status, name, found: text, fix }) => [
    view.paint(COLORS[status], status),
    name,
    fix === undefined ? text : `${text}\n${view.paint('dim', `→ ${fix}`)}`,
  ]);
  return table([{ title: '' }, { title: 'Check' }, { title: 'Found', flexible: true }], rows, view);
}

function verdict(found: readonly Diagnosis[]): string {
  const number = (status: Diagnosis['status']): number => found.filter((each) => each.status === status).length;
  return number('fail') === 0
    ? `Ready to run${number('warn') > 0 ? `, with ${number('warn')} warning(s)` : ''}.`
    : `${number('fail')} check(s) failed; see the arrows.`;
}
