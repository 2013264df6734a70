/** What the command line and the demo use of the scheduler. */
export {
  type Admission,
  createDatabaseMetrics,
  createHttpServer,
  createTicker,
  ensureRepository,
  fetchHead,
  type HttpServer,
  type RepositoryRef,
  retryTask,
  runUntilIdle,
  type SkippedTask,
  syncTasks,
  type TickResult,
  tickOnce,
  watchPullsOnce,
} from '@orchestrator/scheduler/components.ts';
