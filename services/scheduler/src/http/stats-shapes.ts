import { z } from 'zod';

const nanoUsd = z.string().describe('Nano-dollars, decimal.');
const counts = z.record(z.string(), z.number().int());
const rate = z.number().nullable().describe('merged / (merged + closed); null while no person has decided.');

const Figures = z.object({
  runs: z.number().int(),
  published: z.number().int(),
  merged: z.number().int(),
  closed: z.number().int(),
  mergeRate: rate,
  rounds: z.number().nullable().describe('Mean over the published changes.'),
  spentNanoUsd: nanoUsd,
  perMergedNanoUsd: nanoUsd.nullable(),
});
const Group = Figures.extend({
  key: z.string().describe('Empty: a task without a module, a call that named no version.'),
  over: z.array(Figures).describe('One for each period, of the runs that began in it.'),
});

export const Stats = z.object({
  tasks: z.object({ total: z.number().int(), byStatus: counts, byResult: counts, completed: z.number().int() }),
  tokens: z.number(),
  budget: z
    .object({
      phase: z.string().nullable(),
      committedNanoUsd: nanoUsd,
      limitNanoUsd: nanoUsd,
      remainingNanoUsd: nanoUsd,
      warningLevel: z.enum(['none', 'yellow', 'orange', 'red']),
      frozen: z.boolean(),
    })
    .nullable()
    .describe('The global budget, whatever repository was asked for; null: it has not begun.'),
  runs: z.object({
    total: z.number().int(),
    byState: counts,
    publishedByRounds: counts,
    endCodes: counts,
    medianMs: z.number().nullable(),
  }),
  pullRequests: z.object({
    total: z.number().int(),
    merged: z.number().int(),
    closed: z.number().int(),
    open: z.number().int(),
    local: z.number().int(),
    outcomes: counts,
    mergeRate: rate,
  }),
  money: z.object({
    spentNanoUsd: nanoUsd,
    perTaskNanoUsd: nanoUsd.nullable(),
    perPublishedNanoUsd: nanoUsd.nullable(),
    perMergedNanoUsd: nanoUsd.nullable(),
  }),
  models: z.array(
    z.object({
      model: z.string(),
      role: z.string(),
      calls: z.number().int(),
      inputTokens: z.number(),
      cachedTokens: z.number(),
      outputTokens: z.number(),
      spentNanoUsd: nanoUsd,
    }),
  ),
  comparison: z.object({
    period: z.enum(['day', 'week']),
    periods: z.array(z.string()).describe('First UTC day of each.'),
    all: Group,
    modules: z.array(Group),
    models: z.array(Group),
    prompts: z.array(Group),
  }),
});
