import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';

/** A task with a little text; `over` replaces any part of it. */
export const taskView = (over: Partial<TaskView> = {}): TaskView => ({
  id: '00000000-0000-4000-8000-000000000001',
  key: 'greet_001',
  title: 'Greet by name',
  body: 'The greeting takes a name.',
  module: null,
  language: null,
  criteria: [],
  documents: [],
  ...over,
});
