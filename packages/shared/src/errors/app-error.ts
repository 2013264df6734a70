import { ERRORS, type ErrorCode } from './errors.ts';

/**
 * An error with a code of the table in errors.ts: what happened, where, and what to do next.
 * `detail` holds facts for logs and `--json`; it never holds a secret.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    detail: Record<string, unknown> = {},
    options: { message?: string; cause?: unknown } = {},
  ) {
    super(
      options.message ?? fill(ERRORS[code].message, detail),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }

  /** What the reader should do. */
  get next(): string {
    return fill(ERRORS[this.code].next, this.detail);
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
}

/** Replaces `{name}` in the table's texts by the detail of that name. */
export function fill(text: string, detail: Record<string, unknown>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in detail ? String(detail[key]) : whole));
}

/** Any thrown value as plain data, for the database and the log. */
export function describeError(error: unknown): { code: string; message: string; next?: string; detail?: unknown } {
  if (error instanceof AppError)
    return { code: error.code, message: error.message, next: error.next, detail: error.detail };
  if (error instanceof Error) return { code: 'INTERNAL', message: error.message || error.name };
  return { code: 'INTERNAL', message: String(error) };
}
