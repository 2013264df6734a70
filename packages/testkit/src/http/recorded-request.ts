import type { FastifyInstance } from 'fastify';

/** One HTTP request as the server saw it, in order of arrival; `body` is null until it was read in full. */
export interface RecordedRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Date.now() of the arrival. */
  readonly atMs: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Records every request of `app`, including those that are refused or never answered. */
export function recordRequests(app: FastifyInstance): RecordedRequest[] {
  const requests: Writable<RecordedRequest>[] = [];
  const open = new WeakMap<object, Writable<RecordedRequest>>();
  app.addHook('onRequest', async (request) => {
    const url = new URL(request.originalUrl, 'http://server');
    const row: Writable<RecordedRequest> = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...request.headers },
      body: null,
      atMs: Date.now(),
    };
    open.set(request.raw, row);
    requests.push(row);
  });
  app.addHook('preHandler', async (request) => {
    const row = open.get(request.raw);
    if (row) row.body = request.body ?? null;
  });
  return requests;
}
