import { METRICS, type Metric } from './metrics.ts';

/** The table of metrics in docs/operations.md. A test compares it; `node scripts/write-reference.ts` writes it. */
export function metricsReference(): string {
  const rows = Object.entries(METRICS as Record<string, Metric>).map(
    ([name, { type, from, help, labels }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${from} | ${help} |`,
  );
  return ['| Metric | Type | Labels | From | Meaning |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}
