import { services } from '@orchestrator/embedded/services.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { table } from '../show/table.ts';
import { block, count, plainText } from '../show/words.ts';
import { openTarget } from '../target.ts';
import type { View } from '../terminal.ts';

type Parsed = Awaited<ReturnType<Awaited<ReturnType<typeof services.taskFile>>['readTaskFile']>>;
type Task = Parsed['tasks'][number];

export default defineCommand({
  name: 'tasks',
  summary: 'read the task file and show its tasks, and what is wrong with the others',
  arguments: [{ name: '[task]', description: 'id of one task, to see all of it' }],
  options: [REPO_OPTION],
  input: z.object({ repo: z.string().optional(), task: z.string().optional() }),
  examples: [
    ['orchestrator tasks', 'all tasks at the head of the default branch'],
    ['orchestrator tasks events_async_001', 'one task in full'],
    ['orchestrator tasks --repo ../my-plugin --json', 'for scripts; exit code 3 if the file has problems'],
  ],
  logs: 'query',
  async run(context, { repo, task }) {
    const target = await openTarget(context, repo);
    const { file } = target.loaded.config.tasks;
    const bytes = await target.mirror.readFile(target.commit, file);
    if (bytes === null)
      throw new AppError('TASKS_NOT_FOUND', { file, commit: target.commit.slice(0, 10), repo: target.url });
    const { readTaskFile } = await services.taskFile();
    const parsed = await readTaskFile(bytes, file);
    if (parsed.tasks.length === 0 && parsed.problems.length === 0) throw new AppError('TASKS_EMPTY', { file });
    const { formatProblem } = await services.taskProblem();
    const problems = parsed.problems.map((problem) => plainText(formatProblem(problem)));
    const exitCode = problems.length > 0 ? 3 : 0;
    const where = { repository: target.url, branch: target.branch, commit: target.commit, file };
    if (task !== undefined) {
      const found = parsed.tasks.find(({ key }) => key === task);
      if (found === undefined) throw unknownTask(task, parsed);
      return { data: { ...where, task: found }, render: (view) => whole(found, view) };
    }
    return {
      data: { ...where, tasks: parsed.tasks.map(({ body, ...rest }) => rest), problems: parsed.problems },
      exitCode,
      render: (view) =>
        [
          `${file} at ${target.branch} (${target.commit.slice(0, 10)}): ${count(parsed.tasks.length, 'task')}`,
          list(parsed.tasks, view),
          ...wrong(problems, view),
        ]
          .filter(Boolean)
          .join('\n\n'),
    };
  },
});

function unknownTask(task: string, parsed: Parsed): AppError {
  if (!parsed.keys.includes(task)) return new AppError('TASK_UNKNOWN', { task });
  return new AppError(
    'TASKS_INVALID',
    { task },
    {
      message: [
        `Task ${task} is left out:`,
        ...parsed.problems.filter((problem) => problem.task === task).map(({ message, fix }) => `${message} ${fix}`),
      ].join('\n'),
    },
  );
}

function list(tasks: readonly Task[], view: View): string {
  if (tasks.length === 0) return '';
  const rows = tasks.map((task) => [
    task.key,
    task.priority,
    task.status,
    plainText(task.title),
    [task.module, task.language].filter(Boolean).join(', '),
    task.dependsOn.join(', '),
    task.budgetNanoUsd === null ? '' : formatUsd(task.budgetNanoUsd, 2),
    String(task.line),
  ]);
  const columns = [
    { title: 'Task', flexible: true },
    { title: 'Priority' },
    { title: 'Status' },
    { title: 'Title', flexible: true },
    { title: 'Module', flexible: true },
    { title: 'After', flexible: true },
    { title: 'Budget', align: 'right' as const },
    { title: 'Line', align: 'right' as const },
  ];
  // A column that is empty in every row tells nothing.
  const shown = columns.map((_, i) => rows.some((row) => row[i] !== ''));
  const keep = <T>(items: readonly T[]): T[] => items.filter((_, i) => shown[i]);
  return table(keep(columns), rows.map(keep), view);
}

const wrong = (problems: readonly string[], view: View): string[] =>
  problems.length === 0
    ? []
    : [
        view.paint(
          'red',
          block(`${count(problems.length, 'problem')}; these tasks are left out, the others run:`, problems.join('\n')),
        ),
      ];

function whole(task: Task, view: View): string {
  const facts = [
    `priority ${task.priority}`,
    task.status,
    task.module && `module ${task.module}`,
    task.language && `language ${task.language}`,
    task.dependsOn.length > 0 && `after ${task.dependsOn.join(', ')}`,
  ];
  return [
    `${view.paint('bold', plainText(task.title))}  (${task.key}, line ${task.line})`,
    facts.filter(Boolean).join(' · '),
    plainText(task.body).trim(),
    task.criteria.length > 0
      ? block('Success criteria', task.criteria.map((text) => `- ${plainText(text)}`).join('\n'))
      : '',
    task.documents.length > 0 ? block('Read as context', task.documents.join('\n')) : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}
