/**
 * What the command line uses of the services, loaded when it is asked for. Only this package may import services.
 */
export const services = {
  taskFile: () => import('@orchestrator/scheduler/task-file/parse-task-file.ts'),
  taskProblem: () => import('@orchestrator/scheduler/task-file/problem.ts'),
};
