import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { baselineStage } from './baseline-stage.ts';
import type { SandboxChoice } from './sandbox/choose-sandbox.ts';
import { validateStage } from './validate-stage.ts';

/** The stages of this service. `choice` is for the demo alone; see choose-sandbox.ts. */
export const createStages = (choice: SandboxChoice = {}): StageDefinition[] => [
  baselineStage(choice),
  validateStage(choice),
];

export const stages: StageDefinition[] = createStages();
