import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { publishStage } from './publish-stage.ts';

export const stages: readonly StageDefinition[] = [publishStage];
