/** Values of a span, by names of the OpenTelemetry conventions where there are any. */
export type SpanValues = Readonly<Record<string, string | number | boolean>>;

/** Adds values to a span; `failure` marks it as failed and says why. */
export type NoteSpan = (values: SpanValues, failure?: string) => void;

export interface SpanStart {
  readonly name: string;
  readonly values: SpanValues;
  /** The span stands in the trace of this run. Absent: within the span that is open here. */
  readonly runId?: string;
}

/** What writes traces; see open-tracing.ts. */
export interface Tracer {
  inSpan<T>(start: SpanStart, work: (note: NoteSpan) => Promise<T>): Promise<T>;
  /** The first span of a run's trace, which the others hang from: from its creation until it was first taken up. */
  beginRun(run: { readonly runId: string; readonly createdAt: Date; readonly values: SpanValues }): void;
}

let tracer: Tracer | undefined;

/** Null: no traces are written. */
export function writeTracesWith(writer: Tracer | null): void {
  tracer = writer ?? undefined;
}

export const currentTracer = (): Tracer | undefined => tracer;

/** Runs `work` within a span, where traces are written. */
export function inSpan<T>(start: SpanStart, work: (note: NoteSpan) => Promise<T>): Promise<T> {
  return tracer ? tracer.inSpan(start, work) : work(() => {});
}

/**
 * A run has one trace, and its id is the run's: nothing has to be handed on with messages, so nothing is lost with them,
 * and whoever knows a run finds its trace. The half of the id that is never zero is the first span's.
 */
export function traceOf(runId: string): { readonly traceId: string; readonly spanId: string } {
  const traceId = runId.replaceAll('-', '');
  return { traceId, spanId: traceId.slice(16) };
}
