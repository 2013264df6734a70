import type { StageDefinition } from '@orchestrator/shared/pipeline/stage.ts';
import { codeStage } from './code-stage.ts';

export const stages: StageDefinition[] = [codeStage];
