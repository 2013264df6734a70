import type { Model } from '../catalog.ts';
import type { Usage } from '../types.ts';
import { failureReport, type SdkError } from './failure.ts';
import type { CallReport, ProviderCall } from './provider.ts';
import { watchTransport } from './transport.ts';

/** What has been read of a streamed answer so far. */
export interface Reading<Event> {
  take(event: Event): void;
  /** How the model stopped; null while it has not. */
  readonly stop: 'success' | 'truncated' | 'refusal' | null;
  /** The answer; of a refusal, what the model said about it. */
  readonly text: string;
  /** Exact and final; null where the vendor did not say. */
  readonly usage: Usage | null;
  /** Exact; null where the vendor says nothing before the end. */
  readonly input: CallReport['input'];
  /** What the answer says about itself that was not priced; null where all is as reserved. Compatible servers leave fields out. */
  foreign(model: Model): string | null;
}

/** One request of a vendor's SDK, and what its errors mean. */
export interface Asking<Event> {
  send(
    fetch: typeof globalThis.fetch,
    signal: AbortSignal,
  ): Promise<{ readonly data: AsyncIterable<Event>; readonly response: Response }>;
  readonly requestIdHeader: string;
  /** Null where the error is no error of the SDK. */
  sdkError(error: unknown): SdkError | null;
  /** The SDK's own deadline has passed. */
  isTimeout(error: unknown): boolean;
}

/** Sends one request and reads its answer to the end. Never throws. */
export async function readAnswer<Event>(
  { model, timeoutMs, signal }: ProviderCall,
  reading: Reading<Event>,
  { send, requestIdHeader, sdkError, isTimeout }: Asking<Event>,
): Promise<CallReport> {
  const transport = watchTransport();
  const deadline = AbortSignal.timeout(timeoutMs);
  // Undefined until the headers came.
  let requestId: string | null | undefined;
  try {
    const { data, response } = await send(transport.fetch, AbortSignal.any([signal, deadline]));
    requestId = response.headers.get(requestIdHeader);
    for await (const event of data) reading.take(event);
    // A stream that our signal ended, ends here too, without an error.
    if (reading.stop === null) throw new Error('the answer ended before it was complete');
    const { usage, text, input } = reading;
    const foreign = reading.foreign(model);
    return {
      result: foreign ? 'wrong_model' : usage ? reading.stop : 'missing_usage',
      text,
      usage: foreign ? null : usage,
      input,
      httpStatus: 200,
      retryAfterMs: null,
      reason: foreign ?? '',
      vendorRequestId: requestId,
    };
  } catch (error) {
    const failure = failureReport({
      error,
      sdk: sdkError(error),
      transportError: transport.error,
      aborted: signal.aborted,
      expired: deadline.aborted || isTimeout(error),
      answering: requestId !== undefined,
      now: new Date(),
    });
    return { ...failure, input: reading.input, vendorRequestId: failure.vendorRequestId ?? requestId ?? null };
  }
}
