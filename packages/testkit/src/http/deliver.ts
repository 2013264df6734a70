import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** What can go wrong between a server and its client below the level of HTTP statuses. */
export type TransportFault =
  /** The body ends in the middle, as if it were complete. */
  | { readonly kind: 'truncate' }
  /** The connection is reset. */
  | { readonly kind: 'reset'; readonly when: 'before-headers' | 'mid-body' }
  /** Nothing more is sent, and the connection stays open. */
  | { readonly kind: 'hang'; readonly when: 'before-headers' | 'mid-body' };

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Written one after the other; a JSON body is one chunk. */
  readonly chunks: readonly string[];
}

export interface Pace {
  /** Before the headers. */
  readonly latencyMs?: number;
  /** Before each chunk. */
  readonly chunkDelayMs?: number;
}

/** Writes `response` on the raw connection, with `fault` where one is asked for. */
export async function deliver(
  reply: FastifyReply,
  response: Response,
  pace: Pace,
  fault?: TransportFault,
): Promise<void> {
  reply.hijack();
  const out = reply.raw;
  if (pace.latencyMs) await delay(pace.latencyMs);
  if (fault?.kind === 'hang' && fault.when === 'before-headers') return;
  if (fault?.kind === 'reset' && fault.when === 'before-headers') {
    out.socket?.resetAndDestroy();
    return;
  }
  out.writeHead(response.status, { ...response.headers });
  out.flushHeaders();
  for (const chunk of fault ? firstHalf(response.chunks) : response.chunks) {
    if (pace.chunkDelayMs) await delay(pace.chunkDelayMs);
    if (out.destroyed) return;
    await new Promise<void>((resolve) => out.write(chunk, () => resolve()));
  }
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') out.socket?.resetAndDestroy();
  else out.end();
}

/** At least one chunk, never all of them; a single chunk is cut in two. */
function firstHalf(chunks: readonly string[]): readonly string[] {
  if (chunks.length > 1) return chunks.slice(0, Math.ceil(chunks.length / 2));
  const only = chunks[0] ?? '';
  return [only.slice(0, Math.floor(only.length / 2))];
}
