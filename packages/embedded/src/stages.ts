import { stages as analyzer } from '@orchestrator/analyzer/stages.ts';
import { stages as coder } from '@orchestrator/coder/stages.ts';
import { stages as notifier } from '@orchestrator/notifier/stages.ts';
import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { stages as validator } from '@orchestrator/validator/stages.ts';

/** Every stage of every service. */
export const allStages: readonly StageDefinition[] = [...analyzer, ...coder, ...validator, ...notifier];
