import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { importTokenBudget } from '@orchestrator/shared/budget/import.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { instant } from '../show/words.ts';
import { configOf } from '../target.ts';

export default defineCommand({
  name: 'budget import',
  summary: 'begin the budget where another installation left off',
  description:
    'Takes the first start, the phase and what is spent of its window from a token_budget.json (see `orchestrator export`). Only before the first run: a budget begins once.',
  arguments: [{ name: '<file>', description: 'a token_budget.json' }],
  options: [REPO_OPTION],
  input: z.object({ file: z.string(), repo: z.string().optional() }),
  examples: [['orchestrator budget import ./results/token_budget.json', 'on the new machine']],
  logs: 'query',
  async run(context, { file, repo }) {
    const { loaded } = await configOf(context, repo);
    const content = await readJson(resolve(context.terminal.cwd, file));
    const { db } = await context.system();
    const { startedAt, phase, spentNanoUsd } = await importTokenBudget(db, content, loaded.config.budget.phases);
    return {
      data: { startedAt, phase: phase?.name ?? null, spentNanoUsd },
      render: () =>
        `The budget began at ${instant(startedAt)}; ${phase ? `it is in phase ${phase.name}, of which ${formatUsd(spentNanoUsd)} are spent` : 'its last phase has ended'}.`,
    };
  },
});

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const problem = error instanceof SyntaxError ? `is no JSON: ${error.message}` : (error as Error).message;
    throw new AppError('CONFIG_INVALID', { file: path, field: 'file', problem }, { cause: error });
  }
}
