/** Nano-dollars: 1 USD = 1,000,000,000. Money is integer everywhere; amounts are rounded up. */
export type NanoUsd = bigint;

export const NANO_PER_USD = 1_000_000_000n;

/** 1234567890n -> "$1.234567890"; with `digits` the fraction is cut, not rounded: money shown never exceeds money spent. */
export function formatUsd(amount: NanoUsd, digits = 4): string {
  const sign = amount < 0n ? '-' : '';
  const abs = amount < 0n ? -amount : amount;
  const fraction = String(abs % NANO_PER_USD)
    .padStart(9, '0')
    .slice(0, digits);
  return `${sign}$${abs / NANO_PER_USD}${digits > 0 ? `.${fraction}` : ''}`;
}

/** The whole amount as files have it, without a sign of the currency: 1234567890n -> "1.234567890". */
export const usdDigits = (amount: NanoUsd): string => formatUsd(amount, 9).replace('$', '');

/** The largest of the amounts; 0 where there is none. */
export function largestOf(amounts: readonly NanoUsd[]): NanoUsd {
  let largest = 0n;
  for (const amount of amounts) if (amount > largest) largest = amount;
  return largest;
}

/** The smallest of the amounts; 0 where there is none. */
export function smallestOf(amounts: readonly NanoUsd[]): NanoUsd {
  let smallest = amounts[0] ?? 0n;
  for (const amount of amounts) if (amount < smallest) smallest = amount;
  return smallest;
}
