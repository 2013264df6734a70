/**
 * What the command line uses of the services, loaded when it is asked for. Only this package may import services.
 */
export const services = {
  scheduler: () => import('@orchestrator/scheduler/components.ts'),
  repositoryHead: () => import('@orchestrator/scheduler/repository-head.ts'),
  taskFile: () => import('@orchestrator/scheduler/task-file/parse-task-file.ts'),
  taskProblem: () => import('@orchestrator/scheduler/task-file/problem.ts'),
  selectContext: () => import('@orchestrator/analyzer/context/select-context.ts'),
  specificationMarkdown: () => import('@orchestrator/analyzer/export.ts'),
  validateHead: () => import('@orchestrator/validator/validate-head.ts'),
  validationPlan: () => import('@orchestrator/validator/plan.ts'),
  sandboxCheck: () => import('@orchestrator/validator/sandbox-check.ts'),
  sandboxProbe: () => import('@orchestrator/validator/sandbox/probe.ts'),
  sendTest: () => import('@orchestrator/notifier/send-test.ts'),
};
