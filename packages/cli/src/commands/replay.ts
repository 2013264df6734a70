import { Duration } from '@orchestrator/shared/config/values.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { type DeadStage, deadStages, type Refusal, replay } from '@orchestrator/shared/pipeline/control/replay.ts';
import { STAGES } from '@orchestrator/shared/pipeline/machine.ts';
import { z } from 'zod';
import { type CommandContext, defineCommand, REPO_OPTION } from '../command.ts';
import { repositoryOf } from '../repository-of.ts';
import { actorOf, isRunId, runOf } from '../run-of.ts';
import { table } from '../show/table.ts';
import { count, plainText } from '../show/words.ts';
import type { View } from '../terminal.ts';

const Input = z.object({
  task: z.string().optional(),
  all: z.boolean().optional(),
  stage: z.enum(STAGES, `must be one of ${STAGES.join(', ')}`).optional(),
  code: z.string().optional(),
  since: Duration.optional(),
  failed: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  reason: z.string().optional(),
  repo: z.string().optional(),
});

const WHY: Readonly<Record<Refusal, string>> = {
  outdated: 'the text of its task has changed; retry the task instead',
  superseded: 'a later run of the task has taken its place',
  not_dead: 'somebody else replayed it just now',
};

export default defineCommand({
  name: 'replay',
  summary: 'start dead stages again where they died: one, or all that fit',
  description:
    'A stage is dead after too many errors or crashes. It gets fresh counters; results of earlier stages still hold, and answers of models that were paid for are used again. For a new run from the beginning, use retry.',
  arguments: [{ name: '[task]', description: 'id of the task, or of the run' }],
  options: [
    { flags: '--all', description: 'every dead stage, narrowed by the options below' },
    { flags: '--stage <stage>', description: `only this stage: ${STAGES.join(', ')}` },
    { flags: '--code <code>', description: 'only those that ended with this error, such as ERRORS_EXHAUSTED' },
    { flags: '--since <duration>', description: 'only those that ended within this time, such as 2h' },
    { flags: '--failed', description: 'also those that ended by an error that trying again was not expected to mend' },
    { flags: '--dry-run', description: 'only show which they are' },
    { flags: '--reason <text>', description: 'why, for the record' },
    REPO_OPTION,
  ],
  input: Input.refine(
    ({ task, all }) => (task === undefined) === (all === true),
    'Say which: the id of a task, or --all.',
  ),
  examples: [
    ['orchestrator replay events_async_001', 'one task'],
    ['orchestrator replay --all --code ERRORS_EXHAUSTED --since 2h', 'after an outage of a vendor'],
  ],
  logs: 'query',
  async run(context, input) {
    const { db } = await context.system();
    const filter = await filterOf(context, input);
    if (input.dryRun) {
      const found = await deadStages(db, filter);
      return {
        data: { dryRun: true, found },
        render: (view) => shown(`${count(found.length, 'dead stage')}.`, found, view),
      };
    }
    const { replayed, refused } = await replay(db, filter, { actor: actorOf(), reason: input.reason });
    if (input.task !== undefined && replayed.length + refused.length === 0)
      throw new AppError('USAGE', { message: `No stage of ${input.task} is dead.` });
    return {
      data: { replayed, refused },
      exitCode: input.task !== undefined && replayed.length === 0 ? 1 : 0,
      render: (view) =>
        [
          shown(`${count(replayed.length, 'stage')} started again.`, replayed, view),
          ...refused.map(({ taskKey, stage, why }) => `${taskKey}, ${stage}: left as it is, ${WHY[why]}.`),
        ].join('\n'),
    };
  },
});

async function filterOf(context: CommandContext, { task, stage, code, since, failed, repo }: z.infer<typeof Input>) {
  const run = task === undefined ? undefined : await runOf(context, task, repo);
  const inRepository = repo === undefined || (task !== undefined && isRunId(task)) ? undefined : repo;
  return {
    runId: run?.id,
    repositoryId: inRepository === undefined ? undefined : (await repositoryOf(context, inRepository)).id,
    stage,
    code,
    sinceMs: since,
    states: failed || task !== undefined ? (['dead', 'failed'] as const) : (['dead'] as const),
  };
}

function shown(title: string, stages: readonly DeadStage[], view: View): string {
  if (stages.length === 0) return title;
  const rows = stages.map(({ taskKey, stage, round, code, message }) => [
    taskKey,
    stage,
    String(round),
    plainText(`${code ?? ''} ${message ?? ''}`.trim()),
  ]);
  return `${title}\n\n${table([{ title: 'Task' }, { title: 'Stage' }, { title: 'Round' }, { title: 'Why it died', flexible: true }], rows, view)}`;
}
