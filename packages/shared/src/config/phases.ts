import { z } from 'zod';
import { Duration, Usd } from './values.ts';

/** What may be spent when: the configuration of a budget. */

const Limit = z
  .strictObject({
    total: Usd.optional().describe('For the whole phase.'),
    perDay: Usd.optional().describe('For each UTC day.'),
  })
  .transform((limit, ctx) => {
    if (limit.total !== undefined && limit.perDay === undefined) return { total: limit.total };
    if (limit.perDay !== undefined && limit.total === undefined) return { perDay: limit.perDay };
    ctx.addIssue({ code: 'custom', message: 'must hold exactly one of total and perDay' });
    return z.NEVER;
  });

export const Phase = z.strictObject({
  name: z.string().min(1).describe('What the phase is called in reports and alerts.'),
  limit: Limit.describe(
    'US dollars that may be spent: `{total: 30}` for the whole phase, or `{perDay: 0.50}` for each UTC day.',
  ),
  days: z
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('The phase ends this many days after it began. Absent: it stays open; only the last phase may.'),
  every: Duration.prefault('30m').describe('How often tasks are looked for and admitted.'),
  advanceWhenExhausted: z.boolean().default(false).describe('The phase also ends when its money is gone.'),
});
export type Phase = z.infer<typeof Phase>;

export const Phases = z
  .array(Phase)
  .min(1)
  .superRefine((phases, ctx) => {
    phases.forEach((phase, i) => {
      if (phase.days === undefined && i < phases.length - 1)
        ctx.addIssue({ code: 'custom', path: [i], message: 'needs days: only the last phase may be open' });
      if (phases.findIndex((other) => other.name === phase.name) !== i)
        ctx.addIssue({ code: 'custom', path: [i, 'name'], message: `"${phase.name}" is the name of an earlier phase` });
    });
  });
