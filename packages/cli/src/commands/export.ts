import { join, resolve } from 'node:path';
import { makeFolder } from '@orchestrator/shared/boot/home.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { mapSystemError } from '@orchestrator/shared/errors/map-system-error.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { exportFiles } from '../read/export-files.ts';
import { repositoryOf } from '../repository-of.ts';
import { count } from '../show/words.ts';

export default defineCommand({
  name: 'export',
  summary: 'write specifications, changes, results and budget as files',
  description:
    'generated/spec_<task>.md, generated/implementation_<task>/ (files) and .patch, completed_tasks.json, merged_prs.json, token_budget.json. Of each task, its latest run. Files that are there are replaced.',
  options: [REPO_OPTION, { flags: '--out <dir>', description: 'where to (default: export below ORCHESTRATOR_HOME)' }],
  input: z.object({ repo: z.string().optional(), out: z.string().optional() }),
  examples: [['orchestrator export --out ./results', 'into a folder of this one']],
  logs: 'query',
  async run(context, { repo, out }) {
    const repository = await repositoryOf(context, repo);
    const { db } = await context.system();
    const folder =
      out === undefined ? join(context.env.ORCHESTRATOR_HOME, 'export') : resolve(context.terminal.cwd, out);
    try {
      makeFolder(folder);
      const files = await exportFiles(db, repository, folder);
      return {
        data: { repository: repository.url, out: folder, files },
        render: () => `${count(files.length, 'file')} in ${folder}\n${files.map((file) => `  ${file}`).join('\n')}`,
      };
    } catch (error) {
      throw notWritable(error, folder);
    }
  },
});

function notWritable(error: unknown, path: string): unknown {
  const mapped = mapSystemError(error, { path });
  if (mapped instanceof AppError && mapped.code !== 'HOME_NOT_WRITABLE') return mapped;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new AppError('FOLDER_NOT_WRITABLE', { path, reason: message, option: '--out' }, { cause: error });
}
