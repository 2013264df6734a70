import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createStageWorkers } from '@orchestrator/shared/boot/stage-workers.ts';
import { createDeliveryLoop } from './deliveries.ts';
import { createLessonProposals } from './lesson-file/lesson-proposals.ts';
import { stages } from './stages.ts';

await runService('notifier', (resources) => [
  createStageWorkers({ resources, stages }),
  createDeliveryLoop({ ...resources, repositories: resources.repositories }),
  createLessonProposals(resources),
]);
