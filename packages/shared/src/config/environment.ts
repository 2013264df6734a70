import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { registerSecrets } from '../boot/redact.ts';
import { AppError } from '../errors/app-error.ts';

/**
 * The only reader of process.env: secrets and addresses. Each secret may come from a file instead (NAME_FILE).
 * Values are trimmed; empty means absent.
 */
export const SECRETS = [
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_WEBHOOK_SECRET',
  'DISCORD_WEBHOOK_URL',
  'SLACK_WEBHOOK_URL',
  'NOTIFY_WEBHOOK_URL',
  'NOTIFY_WEBHOOK_SECRET',
  'SMTP_URL',
  'ORCHESTRATOR_API_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const;

const url = z.url({ protocol: /^https?$/, error: 'is not an http or https URL' });
const key = z.string().regex(/^[\x21-\x7e]+$/, 'holds a character that no key has; was it copied whole?');
const address = z.string().regex(/^[\w.:[\]-]+:\d{1,5}$/, 'is not host:port');

const Schema = z.object({
  ANTHROPIC_API_KEY: key.optional().describe('Key for the analyzer.'),
  OPENAI_API_KEY: key.optional().describe('Key for the coder.'),
  GITHUB_TOKEN: key
    .optional()
    .describe('Token that may push branches and open pull requests. Absent: changes stay local.'),
  GITHUB_APP_ID: z
    .string()
    .regex(/^[\w.-]+$/, 'is not the id of an App')
    .optional()
    .describe('App id, or client id, of a GitHub App that is used instead of a token; needs its private key.'),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .refine((text) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[\s\S]+-----END/.test(text), 'is not a PEM private key')
    .optional()
    .describe('Private key of that App, as GitHub gives it (PEM); line feeds may be written as `\\n`.'),
  GITHUB_APP_INSTALLATION_ID: z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(1, 'must be at least 1')
    .optional()
    .describe('Installation of that App. Absent: the one that holds the repository.'),
  GITHUB_WEBHOOK_SECRET: key
    .optional()
    .describe('Secret that signs what GitHub sends to `/webhooks/github`. Absent: pull requests are only polled.'),
  DISCORD_WEBHOOK_URL: url.optional().describe('Where news of runs and budget are sent. Absent: nowhere.'),
  SLACK_WEBHOOK_URL: url.optional().describe('A Slack incoming webhook that gets the same news. Absent: none.'),
  NOTIFY_WEBHOOK_URL: url.optional().describe('Any address that gets the same news as JSON. Absent: none.'),
  NOTIFY_WEBHOOK_SECRET: key.optional().describe('Signs what is sent to `NOTIFY_WEBHOOK_URL`.'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'is not an smtp or smtps URL' })
    .optional()
    .describe('Mail server, with user and password where it wants them, for news by e-mail.'),
  NOTIFY_EMAIL_TO: z
    .email('is not an e-mail address')
    .optional()
    .describe('Who gets the news by e-mail. Absent: nobody.'),
  NOTIFY_EMAIL_FROM: z
    .email('is not an e-mail address')
    .default('ai-orchestrator@localhost')
    .describe('Sender of the e-mails.'),
  ORCHESTRATOR_API_TOKEN: key
    .min(16, 'is too short to be a secret: use at least 16 characters')
    .optional()
    .describe('Token that clients of the HTTP API must present. Absent: only this machine is served.'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' })
    .optional()
    .describe('Postgres. Absent: an embedded one below `ORCHESTRATOR_HOME`.'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// URL' })
    .optional()
    .describe('Redis for the queues. Absent: the queues live in Postgres.'),
  ANTHROPIC_BASE_URL: url
    .default('https://api.anthropic.com')
    .describe('Any server that speaks the Anthropic Messages API.'),
  OPENAI_BASE_URL: url
    .default('https://api.openai.com/v1')
    .describe('Any server that speaks the OpenAI Chat Completions API.'),
  GITHUB_API_URL: url.default('https://api.github.com').describe('GitHub, or a GitHub Enterprise server.'),
  ORCHESTRATOR_HOME: z
    .string()
    .default('.orchestrator')
    .describe('Folder for the database, mirrors, logs and exports, relative to the current folder.'),
  ORCHESTRATOR_LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
      'must be one of trace, debug, info, warn, error, silent',
    )
    .default('info')
    .describe('The least level that is logged.'),
  ORCHESTRATOR_API_ADDRESS: address
    .default('127.0.0.1:8080')
    .describe(
      'Where the scheduler, and `up`, serve the HTTP API and the queue dashboard; port 0 takes a free one. Other machines are served only with `ORCHESTRATOR_API_TOKEN`.',
    ),
  ORCHESTRATOR_HEALTH_ADDRESS: address
    .default('127.0.0.1:8081')
    .describe(
      'Where a service of the full stack answers `/healthz`, `/readyz` and `/metrics`; port 0 takes a free one.',
    ),
  ORCHESTRATOR_DRAIN_MS: z.coerce
    .number('is not a number of milliseconds')
    .int('is not a whole number of milliseconds')
    .min(0, 'must be at least 0')
    .max(3_600_000, 'must be at most 3600000')
    .default(10_000)
    .describe(
      'Milliseconds that work in progress may go on after a signal to stop; then it is given back. A supervisor must wait 20000 longer before it kills.',
    ),
  ORCHESTRATOR_RETENTION_DAYS: z.coerce
    .number('is not a number of days')
    .int('is not a whole number of days')
    .min(0, 'must not be negative')
    .max(36_500, 'must be at most 36500')
    .default(180)
    .describe(
      'Days after which events, attempts and the larger results of ended runs are deleted; 0 keeps them. The ledger, runs, verdicts and model calls are always kept.',
    ),
  ORCHESTRATOR_REPOSITORIES: z
    .string()
    .optional()
    .describe(
      'Repositories that the scheduler works on, added when it starts: git URLs or folders, separated by spaces, commas or lines. Those added before stay.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe('Where traces are sent, by OTLP over HTTP: `http://collector:4318`. Absent: none are written.'),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional().describe('Headers for it, such as a key: `name=value,name=value`.'),
  ORCHESTRATOR_VALIDATIONS: z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(0, 'must be at least 0')
    .max(64, 'must be at most 64')
    .default(0)
    .describe(
      'Validations at once in one validator of the full stack. 0: as many as processors and memory allow. Those that do not fit into three quarters of the memory together wait for each other in any case.',
    ),
  ORCHESTRATOR_LEASE_MS: z.coerce
    .number('is not a number of milliseconds')
    .int('is not a whole number of milliseconds')
    .min(1_000, 'must be at least 1000')
    .max(3_600_000, 'must be at most 3600000')
    .default(30_000)
    .describe(
      'Milliseconds after which a worker that has not been heard of loses its work to another. A crash is noticed sooner with less; a slow database needs more.',
    ),
});

const APP = ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY'];

export type Environment = Readonly<z.infer<typeof Schema>>;
export const ENVIRONMENT_KEYS = Object.keys(Schema.shape) as (keyof Environment)[];

/** One variable as documents list it. */
export interface EnvironmentVariable {
  readonly name: keyof Environment;
  readonly secret: boolean;
  readonly default: string | undefined;
  readonly description: string;
}

export const isSecret = (name: string): boolean => (SECRETS as readonly string[]).includes(name);

export function environmentVariables(): readonly EnvironmentVariable[] {
  return ENVIRONMENT_KEYS.map((name) => {
    const field: z.ZodType = Schema.shape[name];
    const preset = field.safeParse(undefined).data;
    return {
      name,
      secret: isSecret(name),
      default: preset === undefined ? undefined : String(preset),
      description: field.description ?? '',
    };
  });
}

/**
 * Parses `source` (process.env in production). Throws ENV_INVALID with every problem; no value is in the message.
 * Secrets are registered, so that no log line and no message can hold them from then on.
 */
export function readEnvironment(source: Record<string, string | undefined>, cwd: string): Environment {
  const values: Record<string, string> = {};
  const problems: { name: string; problem: string }[] = [];
  for (const name of ENVIRONMENT_KEYS) {
    const { value, problem } = readVariable(name, source);
    if (problem) problems.push({ name: `${name}_FILE`, problem });
    if (value) values[name] = value;
  }
  registerSecrets(SECRETS.map((name) => values[name]));
  const parsed = Schema.safeParse(values);
  for (const issue of parsed.error?.issues ?? [])
    problems.push({ name: String(issue.path[0]), problem: issue.message });
  if (parsed.success && (values.GITHUB_APP_ID === undefined) !== (values.GITHUB_APP_PRIVATE_KEY === undefined)) {
    const [given, absent] = values.GITHUB_APP_ID ? APP : [...APP].reverse();
    problems.push({ name: String(absent), problem: `is not set, and ${given} is: a GitHub App needs both` });
  }
  if (!parsed.success || problems.length > 0) throw environmentInvalid(problems);
  return Object.freeze({ ...parsed.data, ORCHESTRATOR_HOME: resolve(cwd, parsed.data.ORCHESTRATOR_HOME) });
}

function readVariable(name: string, source: Record<string, string | undefined>): { value?: string; problem?: string } {
  const value = source[name]?.trim();
  const path = source[`${name}_FILE`]?.trim();
  if (value) return { value };
  if (!path || !isSecret(name)) return {};
  try {
    return { value: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    return { problem: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function environmentInvalid(problems: readonly { name: string; problem: string }[]): AppError {
  const lines = problems.map(({ name, problem }) => `Environment variable ${name}: ${problem}`);
  return new AppError('ENV_INVALID', { ...problems[0], problems }, { message: lines.join('\n') });
}
