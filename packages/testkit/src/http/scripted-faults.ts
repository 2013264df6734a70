import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** What one request gets instead of its answer. */
export type HttpFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: object | string;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  /** The request has its effect, and the answer never arrives. */
  | { readonly kind: 'lost-answer' }
  | { readonly kind: 'latency'; readonly ms: number };

export interface Faults {
  /** The next requests that match get these faults, one each, in order. Absent `match`: every request. */
  readonly next: (faults: readonly HttpFault[], match?: { readonly method?: string; readonly path?: RegExp }) => void;
}

/** Lets tests say what goes wrong next. */
export function scriptFaults(app: FastifyInstance): Faults {
  const planned: { fault: HttpFault; method?: string; path?: RegExp }[] = [];
  app.addHook('preHandler', async (request, reply) => {
    const path = new URL(request.raw.url ?? '/', 'http://server').pathname;
    const index = planned.findIndex(
      (plan) => (plan.method ?? request.method) === request.method && (plan.path?.test(path) ?? true),
    );
    const fault = index < 0 ? undefined : planned.splice(index, 1)[0]?.fault;
    if (!fault) return;
    if (fault.kind === 'status') {
      return reply
        .code(fault.status)
        .headers({ ...fault.headers })
        .send(fault.body ?? { message: 'Scripted error' });
    }
    if (fault.kind === 'latency') {
      await delay(fault.ms);
      return;
    }
    if (fault.kind === 'lost-answer') {
      reply.raw.writeHead = () => reply.raw;
      reply.raw.end = () => {
        request.raw.socket.resetAndDestroy();
        return reply.raw;
      };
      return;
    }
    reply.hijack();
    if (fault.kind === 'reset') request.raw.socket.resetAndDestroy();
    return reply;
  });
  return {
    next(faults, match = {}) {
      planned.push(...faults.map((fault) => ({ fault, ...match })));
    },
  };
}
