import { maskData } from './redact.ts';

/** The fields that every line carries, null where they do not apply. */
export const LINE_FIELDS = ['run', 'stage', 'tokens', 'costNanoUsd', 'outcome', 'error'] as const;

/** One line of the log as it is stored. Time is ISO 8601 in UTC. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly service?: string;
  readonly msg: string;
  readonly run: string | null;
  readonly stage: string | null;
  readonly tokens: number | Readonly<Record<string, number>> | null;
  /** Decimal text. */
  readonly costNanoUsd: string | number | null;
  readonly outcome: string | null;
  readonly error: { readonly code?: string; readonly message?: string; readonly stack?: string } | string | null;
  readonly [field: string]: unknown;
}

/** pino's line with every field in its place and no secret in it. */
export function toLogLine(json: string): LogLine {
  const { time, level, service, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.fromEntries(LINE_FIELDS.map((name) => [name, rest[name] ?? null]));
  return maskData({
    time,
    level,
    ...(service === undefined ? {} : { service }),
    msg: msg ?? '',
    ...rest,
    ...fields,
    error: rest.error ?? err ?? null,
  }) as LogLine;
}
