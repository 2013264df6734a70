import { maskData } from '@orchestrator/shared/boot/redact.ts';
import { jsonText } from '@orchestrator/shared/text/json-text.ts';

/** One object as one line of JSON: bigint as decimal text, dates as ISO 8601, no secret in it. */
export function toJsonLine(data: unknown): string {
  return `${JSON.stringify(maskData(JSON.parse(jsonText(data))))}\n`;
}
