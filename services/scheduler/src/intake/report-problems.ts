import { createHash } from 'node:crypto';
import type { Transaction } from '@orchestrator/shared/db/client.ts';
import { storeSetting } from '@orchestrator/shared/db/setting.ts';
import type { RepositoryRef } from '../repository.ts';
import type { Problem } from '../task-file/problem.ts';

/** As many as an event has room for. */
const PROBLEMS_IN_EVENT = 20;

interface Report {
  readonly repository: RepositoryRef;
  readonly commit: string;
  readonly file: string;
  readonly problems: readonly Problem[];
}

/** Tells people about the problems of a task file: once, until they change. */
export async function reportProblems(tx: Transaction, { repository, commit, file, problems }: Report): Promise<void> {
  const key = `tasks.problems:${repository.id}`;
  const value = problems.length === 0 ? '' : fingerprint(problems);
  const told = await tx.setting.findUnique({ where: { key } });
  if ((told?.value ?? '') === value) return;
  await storeSetting(tx, key, value);
  if (problems.length === 0) return;
  const shown = problems.slice(0, PROBLEMS_IN_EVENT).map(({ code, line, task, message, fix }) => ({
    code,
    line,
    task: task ?? null,
    message: message.slice(0, 300),
    fix,
  }));
  await tx.event.create({
    data: {
      repositoryId: repository.id,
      type: 'tasks.invalid',
      data: { repository: repository.name, file, commit, count: problems.length, problems: shown },
    },
  });
}

/** Of what is wrong, not of where: text above that moves a mistake does not make it new. */
const fingerprint = (problems: readonly Problem[]): string =>
  createHash('sha256')
    .update(JSON.stringify(problems.map(({ code, task, file }) => [code, task ?? '', file]).sort()))
    .digest('hex');
