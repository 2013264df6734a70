import { formatUsd } from '@orchestrator/shared/budget/money.ts';

const WIDTH = 20;

/** `████████░░░░░░░░░░░░ 40.0 % of $30.00`; '' for what is no amount. Decimal text of nano-dollars. */
export function moneyBar(spent: unknown, limit: unknown): string {
  const [part, whole] = [nano(spent), nano(limit)];
  if (part === null || whole === null || whole === 0n) return '';
  const perMille = Number((part * 1_000n) / whole);
  const filled = Math.max(part > 0n ? 1 : 0, Math.min(WIDTH, Math.floor((perMille * WIDTH) / 1_000)));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${(perMille / 10).toFixed(1)} % of ${formatUsd(whole, 2)}`;
}

const nano = (value: unknown): bigint | null =>
  typeof value === 'string' && /^\d{1,30}$/.test(value) ? BigInt(value) : null;
