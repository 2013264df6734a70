import { createStageWorkers as createReal, type StageWorkersOptions } from '@orchestrator/shared/boot/stage-workers.ts';
import type { StageContext, StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { amid, inWindow } from './windows.ts';

export * from '@orchestrator/shared/boot/stage-workers.ts';

/** Stage runs whose processor has ended here, and whose message is not acknowledged yet. */
export const committed = new Set<string>();

/** The real workers, with the real processors, and the windows around these. */
export const createStageWorkers: typeof createReal = (options: StageWorkersOptions) =>
  createReal({ ...options, stages: options.stages.map(withWindows) });

const withWindows = (definition: StageDefinition): StageDefinition => ({
  ...definition,
  async process(context) {
    inWindow('after-claim');
    const outcome = await run(definition, context);
    inWindow('before-commit');
    committed.add(context.stageRun.id);
    return outcome;
  },
});

/** The effect of a stage that asks a model is its request; of the others it is all of their work. */
function run({ stage, process }: StageDefinition, context: StageContext): ReturnType<StageDefinition['process']> {
  if (stage !== 'analyze' && stage !== 'code') return amid(() => process(context));
  const { models } = context;
  const generate: typeof models.generate = (request, signal) => amid(() => models.generate(request, signal));
  return process({ ...context, models: { ...models, generate } });
}
