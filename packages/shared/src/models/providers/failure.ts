import { maskSecrets } from '../../boot/redact.ts';
import type { SeenResult } from '../outcomes.ts';
import type { CallReport } from './provider.ts';
import { retryAfterMs } from './retry-after.ts';
import { nothingWasSent } from './transport.ts';

/** An error of an SDK, in the words that both vendors' SDKs share. */
export interface SdkError {
  readonly httpStatus: number | undefined;
  readonly headers: Headers | undefined;
  /** Codes and types that the vendor gives, joined. */
  readonly codes: string;
  readonly message: string;
  readonly requestId: string | null;
  /** An error event in the stream, as against a broken connection. */
  readonly fromVendor: boolean;
}

/** What was known when an attempt failed. */
export interface FailedAttempt {
  readonly error: unknown;
  /** Null where the error is no error of the SDK. */
  readonly sdk: SdkError | null;
  readonly transportError: unknown;
  /** Of the caller. */
  readonly aborted: boolean;
  /** Our own deadline has passed. */
  readonly expired: boolean;
  /** The headers of a 200 have come. */
  readonly answering: boolean;
  readonly now: Date;
}

const MAX_REASON = 500;

/** Finds the row of the outcome table for an attempt that threw. */
export function failureReport(attempt: FailedAttempt): Omit<CallReport, 'input'> {
  const { error, sdk } = attempt;
  const reason = sdk?.message ?? (error instanceof Error ? describe(error) : String(error));
  return {
    result: resultOf(attempt),
    text: '',
    usage: null,
    httpStatus: sdk?.httpStatus ?? null,
    retryAfterMs: retryAfterMs(sdk?.headers, attempt.now),
    reason: maskSecrets(reason).slice(0, MAX_REASON),
    vendorRequestId: sdk?.requestId ?? null,
  };
}

function resultOf({ error, sdk, transportError, aborted, expired, answering }: FailedAttempt): SeenResult {
  if (sdk?.httpStatus !== undefined) return resultOfStatus(sdk.httpStatus, `${sdk.codes} ${sdk.message}`);
  // What arrived before the caller or the clock gave up still tells that nothing was sent.
  if (nothingWasSent(transportError)) return 'not_sent';
  if (aborted) return 'aborted';
  if (expired) return 'timeout';
  if (sdk?.fromVendor) return 'stream_error';
  // A type error comes from events of another shape than agreed, unless it is how fetch says that the connection ended.
  const unreadable = error instanceof SyntaxError || (error instanceof TypeError && !isConnectionError(error));
  if (answering && unreadable) return 'malformed';
  return 'reset';
}

/** Text of the vendors for: the account, project or workspace has spent what its owner allowed, or has no credit. */
const SPEND_LIMIT =
  /spend_limit|insufficient_quota|billing_hard_limit|billing_not_active|billing_error|credit balance is too low|usage limits/i;
const GATEWAY = new Set([408, 499, 502, 504]);

function resultOfStatus(status: number, text: string): SeenResult {
  if (status === 402) return 'spend_limit';
  if ([400, 403, 429].includes(status) && SPEND_LIMIT.test(text)) return 'spend_limit';
  if (status === 401 || status === 403) return 'key_rejected';
  if (status === 404) return 'not_offered';
  if (status === 429) return 'rate_limited';
  if (status === 503 || status === 529) return 'overloaded';
  if (GATEWAY.has(status) || (status >= 520 && status <= 527)) return 'gateway_error';
  return status >= 500 ? 'server_error' : 'rejected';
}

/** Whether reading the body failed because its connection did. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && /^(E[A-Z]+|UND_ERR_.*)$/.test(error.code)) return true;
  return error.message === 'terminated' || isConnectionError(error.cause);
}

/** With the cause: fetch says only that it failed. */
function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describe(error.cause)}` : error.message || error.name;
}
