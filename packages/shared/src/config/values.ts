import { z } from 'zod';

/** A length of time such as 90s, 30m, 3h30m, 2d; parsed to milliseconds. */
export const Duration = z
  .string('must be a length of time such as 30m or 3h30m')
  .meta({ title: 'length of time' })
  .transform((text, ctx) => {
    const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
    const ms = match
      ? ((Number(match[1] ?? 0) * 24 + Number(match[2] ?? 0)) * 60 + Number(match[3] ?? 0)) * 60_000 +
        Number(match[4] ?? 0) * 1000
      : 0;
    if (ms <= 0 || !Number.isSafeInteger(ms)) {
      ctx.addIssue({ code: 'custom', message: `"${text}" is not a length of time such as 30m or 3h30m` });
      return z.NEVER;
    }
    return ms;
  });

/** An amount in US dollars, as a number or a string; parsed to integer nano-dollars without floating point. */
export const Usd = z
  .union([z.string(), z.number()], 'must be an amount in dollars such as 0.50')
  .meta({ title: 'US dollars' })
  .transform((value, ctx) => {
    const text = typeof value === 'number' ? decimal(value) : value.trim().replace(/^\$/, '');
    const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
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
