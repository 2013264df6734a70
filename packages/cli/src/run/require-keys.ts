import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { resolveModel } from '@orchestrator/shared/models/resolve-model.ts';

const VARIABLES = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY' } as const;

/** Before anything is built: a run without a key would stop halfway. Throws KEY_MISSING, MODEL_UNKNOWN, MODEL_RETIRED. */
export function requireKeys(env: Environment, { models }: Pick<OrchestratorConfig, 'models'>): void {
  for (const role of ['analyzer', 'coder'] as const) {
    const { model } = resolveModel({
      role,
      configured: models[role].model,
      onRetired: models.onRetired,
      now: new Date(),
      overrides: models.catalog,
    });
    const variable = VARIABLES[model.provider];
    if (env[variable] === undefined) throw new AppError('KEY_MISSING', { variable });
  }
}
