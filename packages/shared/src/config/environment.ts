import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';

/**
 * The only reader of process.env: secrets and addresses. Each secret may come from a file instead (NAME_FILE).
 * Values are trimmed; empty means absent.
 */
export const SECRETS = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GITHUB_TOKEN', 'DISCORD_WEBHOOK_URL', 'ORCHESTRATOR_API_TOKEN', 'DATABASE_URL', 'REDIS_URL'] as const;

const url = z.url({ protocol: /^https?$/ });

const Schema = z.object({
  ANTHROPIC_API_KEY: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  GITHUB_TOKEN: z.string().optional(),
  DISCORD_WEBHOOK_URL: url.optional(),
  ORCHESTRATOR_API_TOKEN: z.string().optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  ANTHROPIC_BASE_URL: url.default('https://api.anthropic.com'),
  OPENAI_BASE_URL: url.default('https://api.openai.com/v1'),
  GITHUB_API_URL: url.default('https://api.github.com'),
  ORCHESTRATOR_HOME: z.string().default('.orchestrator'),
  ORCHESTRATOR_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Environment = Readonly<z.infer<typeof Schema>>;
export const ENVIRONMENT_KEYS = Object.keys(Schema.shape) as (keyof Environment)[];

/** Parses `source` (process.env in production). Throws ENV_INVALID; a secret's value is never in the message. */
export function readEnvironment(source: Record<string, string | undefined>, cwd: string): Environment {
  const values: Record<string, string> = {};
  for (const name of ENVIRONMENT_KEYS) {
    const value = source[name]?.trim() || readSecretFile(name, source[`${name}_FILE`]);
    if (value) values[name] = value;
  }
  const parsed = Schema.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError('ENV_INVALID', { name: String(issue?.path[0] ?? '?'), problem: issue?.message ?? 'is not valid' });
  }
  return Object.freeze({ ...parsed.data, ORCHESTRATOR_HOME: resolve(cwd, parsed.data.ORCHESTRATOR_HOME) });
}

function readSecretFile(name: string, path: string | undefined): string | undefined {
  if (!path || !(SECRETS as readonly string[]).includes(name)) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new AppError('ENV_INVALID', { name: `${name}_FILE`, problem: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})` });
  }
}
