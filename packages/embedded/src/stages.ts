import { stages as analyzer } from '@orchestrator/analyzer/stages.ts';
import { stages as coder } from '@orchestrator/coder/stages.ts';
import { stages as notifier } from '@orchestrator/notifier/stages.ts';
import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { createStages as validator } from '@orchestrator/validator/stages.ts';

/** Every stage of every service. `choice` is for the demo alone: see the validator's choose-sandbox.ts. */
export const createAllStages = (choice: Parameters<typeof validator>[0] = {}): readonly StageDefinition[] => [
  ...analyzer,
  ...coder,
  ...validator(choice),
  ...notifier,
];

export const allStages: readonly StageDefinition[] = createAllStages();
