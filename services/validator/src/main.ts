import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createStageWorkers } from '@orchestrator/shared/boot/stage-workers.ts';
import { validationsAtOnce } from './memory-share.ts';
import { createSandboxCheck } from './sandbox-check.ts';
import { stages } from './stages.ts';

await runService('validator', (resources) => [
  createSandboxCheck(),
  createStageWorkers({
    resources,
    stages,
    concurrency: resources.env.ORCHESTRATOR_VALIDATIONS || validationsAtOnce(),
  }),
]);
