/** An amount divided by a number of things, rounded up as amounts are; null where there is none of them. */
export const share = (amount: bigint, parts: number): bigint | null =>
  parts === 0 ? null : (amount + BigInt(parts) - 1n) / BigInt(parts);

/** Of what people decided: how much they took. null while they have decided nothing. */
export const mergeRateOf = (merged: number, closed: number): number | null =>
  merged + closed === 0 ? null : merged / (merged + closed);
