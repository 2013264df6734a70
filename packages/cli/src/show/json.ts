import { maskData } from '@orchestrator/shared/boot/redact.ts';

/** One object as one line of JSON: bigint as decimal text, dates as ISO 8601, no secret in it. */
export function toJsonLine(data: unknown): string {
  return `${JSON.stringify(maskData(plain(data)))}\n`;
}

function plain(data: unknown): unknown {
  return JSON.parse(
    JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}
