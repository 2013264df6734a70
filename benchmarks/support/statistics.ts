/** Statistics of a handful of measurements on a machine that does other things as well. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

export interface Estimate {
  readonly median: number;
  /** 95 % of bootstrap medians lie between these. */
  readonly low: number;
  readonly high: number;
}

export function estimate(numbers: readonly number[], resamples = 2_000): Estimate {
  const medians = Array.from({ length: resamples }, () =>
    median(Array.from(numbers, () => numbers[Math.floor(Math.random() * numbers.length)] as number)),
  ).sort((a, b) => a - b);
  const at = (share: number) => round(medians[Math.floor((resamples - 1) * share)] as number);
  return { median: round(median(numbers)), low: at(0.025), high: at(0.975) };
}

export const round = (number: number, digits = 2): number => Number(number.toFixed(digits));
