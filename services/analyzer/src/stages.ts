import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { analyzeStage } from './analyze-stage.ts';

export const stages: StageDefinition[] = [analyzeStage];
