import { z } from 'zod';

/**
 * orchestrator.yaml: behaviour. Read from the base commit of the target repository (never from a change), then
 * overridden by the operator's own ORCHESTRATOR_HOME/orchestrator.yaml. Every key has a default; docs/configuration.md
 * lists them all and a test compares it with this file.
 */

const strict = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

/** A length of time such as 90s, 30m, 3h30m, 2d; parsed to milliseconds. */
export const Duration = z.string().transform((text, ctx) => {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  const ms = match
    ? ((Number(match[1] ?? 0) * 24 + Number(match[2] ?? 0)) * 60 + Number(match[3] ?? 0)) * 60_000 + Number(match[4] ?? 0) * 1000
    : 0;
  if (ms <= 0) {
    ctx.addIssue({ code: 'custom', message: `"${text}" is not a length of time such as 30m or 3h30m` });
    return z.NEVER;
  }
  return ms;
});

/** An amount in US dollars, as a number or a string; parsed to integer nano-dollars without floating point. */
export const Usd = z.union([z.string(), z.number().nonnegative()]).transform((value, ctx) => {
  const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(typeof value === 'number' ? decimal(value) : value.trim());
  if (!match) {
    ctx.addIssue({ code: 'custom', message: `"${value}" is not an amount in dollars such as 0.50` });
    return z.NEVER;
  }
  return BigInt(match[1] as string) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
});

/** The shortest decimal of a YAML number, never in exponent form. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(9).replace(/0+$/, '').replace(/\.$/, '') : text;
}

const Command = z.union([z.string().min(1), z.array(z.string()).min(1)]);

export const Phase = strict({
  name: z.string().min(1),
  /** Exactly one of total and perDay. */
  limit: z.union([strict({ total: Usd }), strict({ perDay: Usd })]),
  /** Ends this many days after it began; absent: open. Only the last phase may be open. */
  days: z.number().int().positive().optional(),
  every: Duration.prefault('30m'),
  /** Also ends when its money is gone. */
  advanceWhenExhausted: z.boolean().default(false),
});
export type Phase = z.infer<typeof Phase>;

const Role = (model: string | null, maxOutputTokens: number, maxInputTokens: number) =>
  strict({
    /** provider/model of the catalog; null: the default for the day. */
    model: z.string().nullable().default(model),
    maxOutputTokens: z.number().int().min(256).max(128_000).default(maxOutputTokens),
    /** Context is cut to fit. */
    maxInputTokens: z.number().int().min(1_000).max(1_000_000).default(maxInputTokens),
    timeout: Duration.prefault('5m'),
  });

export const CatalogOverride = strict({
  id: z.string().min(3),
  inputUsdPerMTok: Usd,
  cachedInputUsdPerMTok: Usd.optional(),
  outputUsdPerMTok: Usd,
  contextTokens: z.number().int().positive(),
  maxOutputTokens: z.number().int().positive(),
});

export const OrchestratorConfig = strict({
  repository: strict({
    /** The branch to read tasks from and to build on; null: the repository's default. */
    branch: z.string().nullable().default(null),
  }).prefault({}),
  tasks: strict({ file: z.string().min(1).default('docs/PLUGIN-TASKS.md') }).prefault({}),
  budget: strict({
    phases: z
      .array(Phase)
      .min(1)
      .prefault([
        { name: 'launch', limit: { total: '30' }, days: 10, every: '30m' },
        { name: 'steady', limit: { perDay: '0.50' }, every: '3h30m' },
      ]),
    /** Percent of a window at which channels are told. */
    alertPercents: z.array(z.number().int().min(1).max(100)).default([80, 90, 95]),
    /** Repairs that admission plans for on top of one specification and one change. */
    plannedRepairs: z.number().int().min(0).max(10).default(1),
  }).prefault({}),
  pipeline: strict({
    /** Coder-validator rounds of a run. */
    maxRounds: z.number().int().min(1).max(20).default(3),
    /** Tasks that one tick may admit. */
    tasksPerTick: z.number().int().min(1).max(1000).default(1),
    /** Replies that do not apply are sent back to the model this often within a round. */
    maxEditRetries: z.number().int().min(0).max(5).default(2),
    maxErrors: z.number().int().min(1).default(5),
    maxCrashes: z.number().int().min(1).default(3),
  }).prefault({}),
  models: strict({
    analyzer: Role(null, 4_096, 24_000).prefault({}),
    coder: Role(null, 8_192, 32_000).prefault({}),
    onRetired: z.enum(['replace', 'refuse']).default('replace'),
    catalog: z.array(CatalogOverride).default([]),
  }).prefault({}),
  validate: strict({
    /** Commands as strings (run by sh -c) or argument lists; absent: detected. */
    prepare: z.array(Command).optional(),
    build: z.array(Command).optional(),
    test: z.array(Command).optional(),
    /** Globs of JUnit XML reports, relative to the workspace. */
    reports: z.array(z.string()).optional(),
    timeout: Duration.prefault('10m'),
    memoryMb: z.number().int().min(64).default(2_048),
    diskMb: z.number().int().min(16).default(2_048),
    processes: z.number().int().min(8).default(512),
    requireGreenBaseline: z.boolean().default(true),
    /** Globs that a change may not touch. */
    protectedPaths: z
      .array(z.string())
      .default([
        '.github/**',
        '.gitlab-ci.yml',
        '.circleci/**',
        '.gitmodules',
        '.gitattributes',
        '.npmrc',
        '.mvn/**',
        'gradle/wrapper/**',
        'gradlew',
        'gradlew.bat',
        'mvnw',
        'mvnw.cmd',
        'Dockerfile*',
        'docker-compose*.yml',
        'orchestrator.yaml',
      ]),
    maxFiles: z.number().int().min(1).default(30),
    maxChangedLines: z.number().int().min(1).default(2_000),
    maxFileBytes: z.number().int().min(1).default(1_000_000),
  }).prefault({}),
  publish: strict({
    branchPrefix: z.string().regex(/^[A-Za-z0-9._-]+\/$/, 'must end with a slash, such as ai/').default('ai/'),
    authorName: z.string().default('AI Orchestrator'),
    authorEmail: z.string().default('ai-orchestrator@localhost'),
  }).prefault({}),
  notify: strict({
    /** Which events are sent; the names of contracts/events.ts. */
    events: z
      .array(z.string())
      .default(['run.started', 'run.specified', 'run.coded', 'run.validated', 'run.published', 'run.rejected', 'run.failed', 'run.parked', 'budget.alert', 'budget.phase', 'tasks.invalid']),
  }).prefault({}),
});
export type OrchestratorConfig = z.infer<typeof OrchestratorConfig>;
