import type { Span } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { maskSecrets } from '../boot/redact.ts';
import { VERSION } from '../boot/version.ts';
import { within } from '../boot/within.ts';
import type { Environment } from '../config/environment.ts';
import { type NoteSpan, type Tracer, traceOf, writeTracesWith } from './tracing.ts';

export interface OpenTracing {
  /** Sends what is left, and writes no more. */
  close(): Promise<void>;
}

const EXPORT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** Traces go to OTEL_EXPORTER_OTLP_ENDPOINT, by OTLP over HTTP. Where it is not set nothing is loaded. */
export async function openTracing(
  env: Pick<Environment, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS'>,
  service: string,
  log: Logger,
): Promise<OpenTracing> {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return { close: async () => {} };
  const [api, sdk, { resourceFromAttributes }, { AsyncLocalStorageContextManager }, { OTLPTraceExporter }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  const refused = (message: string): void => log.warn({ reason: maskSecrets(message) }, 'traces could not be sent');
  const quiet = (): void => {};
  api.diag.setLogger(
    { error: refused, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    api.DiagLogLevel.ERROR,
  );
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: readHeaders(env.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const ids = chosenIds(new sdk.RandomIdGenerator());
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `orchestrator-${service}`, 'service.version': VERSION }),
    idGenerator: ids,
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const spans = provider.getTracer('orchestrator', VERSION);

  const tracer: Tracer = {
    inSpan({ name, values, runId }, work) {
      const within =
        runId === undefined
          ? api.context.active()
          : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...traceOf(runId), traceFlags: api.TraceFlags.SAMPLED });
      const span = spans.startSpan(name, { attributes: values }, within);
      return api.context.with(api.trace.setSpan(within, span), () => finish(span, work));
    },
    beginRun({ runId, createdAt, values }) {
      ids.choose(traceOf(runId));
      spans.startSpan('run', { attributes: values, startTime: createdAt, root: true }).end();
    },
  };

  async function finish<T>(span: Span, work: (note: NoteSpan) => Promise<T>): Promise<T> {
    const fail = (message: string): void => {
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: maskSecrets(message) });
    };
    try {
      return await work((values, failure) => {
        span.setAttributes(values);
        if (failure !== undefined) fail(failure);
      });
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      span.end();
    }
  }

  writeTracesWith(tracer);
  return {
    async close() {
      writeTracesWith(null);
      const shutdown = () => provider.shutdown().catch((error: unknown) => refused(String(error)));
      await within(CLOSE_TIMEOUT_MS, shutdown, () => {});
      api.context.disable();
      api.diag.disable();
    },
  };
}

/** Ids at random, but for one span that was given its own. */
function chosenIds(random: IdGenerator): IdGenerator & { choose(ids: { traceId: string; spanId: string }): void } {
  let chosen: { traceId?: string; spanId?: string } = {};
  const take = (kind: 'traceId' | 'spanId', other: () => string): string => {
    const id = chosen[kind];
    delete chosen[kind];
    return id ?? other();
  };
  return {
    choose(next) {
      chosen = { ...next };
    },
    generateTraceId: () => take('traceId', () => random.generateTraceId()),
    generateSpanId: () => take('spanId', () => random.generateSpanId()),
  };
}

/** `name=value,name=value`, percent-encoded, as the OpenTelemetry specification has it. */
const readHeaders = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.split('='))
      .filter(([name, ...value]) => name?.trim() && value.length > 0)
      .map(([name = '', ...value]) => [name.trim(), decodeURIComponent(value.join('=').trim())]),
  );
