import { services } from '@orchestrator/embedded/services.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { toAppError } from '../report-error.ts';
import { count } from '../show/words.ts';
import { openTarget } from '../target.ts';
import { type Check, type Diagnosis, failed, ok, warn } from './check.ts';

/** The target repository, its configuration and its task file. */
export const repository: Check = async (context, { repo }) => {
  try {
    const target = await openTarget(context, repo);
    const { config } = target.loaded;
    const bytes = await target.mirror.readFile(target.commit, config.tasks.file);
    return [
      ok('repository', `${target.url} at ${target.branch} (${target.commit.slice(0, 10)})`),
      ok('configuration', "orchestrator.yaml and the operator's file are valid"),
      await tasks(bytes, config.tasks.file, target),
    ];
  } catch (error) {
    const found = toAppError(error);
    // Without --repo the machine is what is asked about.
    if (repo === undefined && found.code === 'REPO_NOT_FOUND')
      return [warn('repository', 'this folder is no git repository', 'Name one with --repo.')];
    return [failed(found.code === 'CONFIG_INVALID' ? 'configuration' : 'repository', found)];
  }
};

async function tasks(
  bytes: Buffer | null,
  file: string,
  { commit, url }: { commit: string; url: string },
): Promise<Diagnosis> {
  if (bytes === null)
    return failed('tasks', new AppError('TASKS_NOT_FOUND', { file, commit: commit.slice(0, 10), repo: url }));
  const parsed = await (await services.taskFile()).readTaskFile(bytes, file);
  if (parsed.problems.length > 0)
    return warn(
      'tasks',
      `${count(parsed.tasks.length, 'task')}, ${count(parsed.problems.length, 'problem')} in ${file}`,
      'See them with: orchestrator tasks',
    );
  return parsed.tasks.length === 0
    ? failed('tasks', new AppError('TASKS_EMPTY', { file }))
    : ok('tasks', `${count(parsed.tasks.length, 'task')} in ${file}`);
}
