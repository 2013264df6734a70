import { runService } from '@orchestrator/shared/boot/run-service.ts';
import { createBackground } from './background.ts';
import { createConfiguredRepositories } from './configured-repositories.ts';
import { createDatabaseMetrics } from './database-metrics.ts';
import { createHttpServer } from './http/http-server.ts';
import { createTicker } from './ticker.ts';

await runService('scheduler', (resources) => [
  ...createBackground(resources),
  createConfiguredRepositories({ ...resources, list: resources.env.ORCHESTRATOR_REPOSITORIES }),
  createTicker(resources),
  createDatabaseMetrics(resources.db),
  createHttpServer(resources),
]);
