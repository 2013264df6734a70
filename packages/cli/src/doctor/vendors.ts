import type { Environment } from '@orchestrator/shared/config/environment.ts';
import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { resolveModel } from '@orchestrator/shared/models/resolve-model.ts';
import { z } from 'zod';
import { configOf } from '../target.ts';
import { ask, skewText } from './ask.ts';
import { type Check, type Diagnosis, fail, failed, ok, warn } from './check.ts';

const ROLES = ['analyzer', 'coder'] as const;
type Provider = 'anthropic' | 'openai';

const VENDORS: Readonly<
  Record<
    Provider,
    {
      readonly variable: 'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY';
      readonly list: (env: Environment) => string;
      readonly headers: (key: string) => Record<string, string>;
    }
  >
> = {
  anthropic: {
    variable: 'ANTHROPIC_API_KEY',
    list: (env) => `${env.ANTHROPIC_BASE_URL.replace(/\/$/, '')}/v1/models?limit=1000`,
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  },
  openai: {
    variable: 'OPENAI_API_KEY',
    list: (env) => `${env.OPENAI_BASE_URL.replace(/\/$/, '')}/models`,
    headers: (key) => ({ authorization: `Bearer ${key}` }),
  },
};

const ModelList = z.object({
  data: z.array(z.object({ id: z.string(), shutdown_date: z.union([z.string(), z.number()]).nullish() })),
});

/** The models of each role, their keys, and whether the vendors know both. Asks model lists, which cost nothing. */
export const vendors: Check = async (context, { repo }) => {
  let config: OrchestratorConfig;
  try {
    config = (await configOf(context, repo)).loaded.config;
  } catch {
    // The repository's own check says what is wrong with it; keys can be looked at all the same.
    config = (await configOf({ ...context, terminal: { ...context.terminal, cwd: '/' } }, undefined)).loaded.config;
  }
  const roles = ROLES.map((role) => roleModel(role, config));
  const used = [...new Set(roles.flatMap(({ model }) => (model ? [model.provider] : [])))];
  const lists = await Promise.all(
    used.map((provider) =>
      vendor(
        provider,
        roles.flatMap(({ model }) => (model?.provider === provider ? [model.name] : [])),
        context.env,
        context.signal,
      ),
    ),
  );
  return [...roles.map(({ diagnosis }) => diagnosis), ...lists.flat()];
};

function roleModel(
  role: (typeof ROLES)[number],
  { models }: OrchestratorConfig,
): { diagnosis: Diagnosis; model: { provider: Provider; name: string } | null } {
  try {
    const { model, replaced, ending } = resolveModel({
      role,
      configured: models[role].model,
      onRetired: models.onRetired,
      now: new Date(),
      overrides: models.catalog,
    });
    const name = `${role} model`;
    if (ending)
      return {
        model,
        diagnosis: warn(
          name,
          `${model.id} ends on ${ending.at.toISOString().slice(0, 10)}, in ${ending.days} days`,
          ending.successor
            ? `${ending.successor} takes its place then by itself, or set models.${role}.model now.`
            : `Set models.${role}.model to another of: orchestrator prices`,
        ),
      };
    if (replaced)
      return {
        model,
        diagnosis: warn(
          name,
          `${model.id} in the place of ${replaced.id}, which ended on ${replaced.endedAt.toISOString().slice(0, 10)}`,
          `Set models.${role}.model to ${model.id}.`,
        ),
      };
    return { model, diagnosis: ok(name, model.id) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { model: null, diagnosis: failed(`${role} model`, error) };
  }
}

async function vendor(
  provider: Provider,
  models: readonly string[],
  env: Environment,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const { variable, list, headers } = VENDORS[provider];
  const key = env[variable];
  if (key === undefined) return [failed(variable, new AppError('KEY_MISSING', { variable }))];
  const answer = await ask(list(env), headers(key), signal);
  const host = new URL(list(env)).host;
  if (answer.kind === 'silence')
    return [fail(variable, `${host} cannot be reached: ${answer.reason}`, 'Check your network and the base URL.', 4)];
  if (answer.status === 401 || answer.status === 403)
    return [failed(variable, new AppError('KEY_REJECTED', { provider, variable }))];
  const parsed = ModelList.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success)
    return [
      warn(
        variable,
        `${host} answered ${answer.status} without a list of models`,
        'A compatible server need not have one; the first call shows whether the key is good.',
      ),
    ];
  const skew = skewText(answer.skewMs);
  return [
    ok(variable, `accepted by ${host}`),
    ...models.flatMap((name) => known(name, parsed.data, host)),
    ...(skew === null ? [] : [warn('clock', `${skew} of ${host}`, 'Set the clock, best by NTP.')]),
  ];
}

function known(name: string, { data }: z.infer<typeof ModelList>, host: string): Diagnosis[] {
  const listed = data.find(({ id }) => id === name || id.startsWith(`${name}-2`));
  if (listed === undefined)
    return [
      fail('model list', `${host} does not list ${name}`, 'Check that the key may use it, or choose another model.', 4),
    ];
  const until = shutdownOf(listed.shutdown_date);
  return until === null
    ? []
    : [warn('model list', `${host} shuts ${name} down on ${until}`, 'Choose another model before that day.')];
}

/** OpenAI writes dates or epoch seconds. */
function shutdownOf(value: string | number | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const at = new Date(typeof value === 'number' ? value * 1000 : value);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().slice(0, 10);
}
