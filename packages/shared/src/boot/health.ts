import { createServer, type Server } from 'node:http';
import { parseAddress } from './address.ts';
import type { Component } from './resources.ts';

export interface HealthOptions {
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  /** Rejects when the service cannot do its work now; the message says why. */
  readonly ready: () => Promise<void>;
}

/** GET /healthz: the process answers. GET /readyz: it can do its work, 503 with the reason otherwise. */
export function createHealthServer({ address, ready }: HealthOptions): Component & { readonly port: () => number } {
  let server: Server | undefined;
  const { host, port } = parseAddress(address);
  return {
    name: 'health server',
    port: () => (server?.address() as { port: number } | null)?.port ?? 0,
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer(async (request, response) => {
          const answer = (status: number, body: object) => {
            response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
          };
          if (request.url === '/healthz') return answer(200, { ok: true });
          if (request.url !== '/readyz') return answer(404, { error: 'not found: /healthz or /readyz' });
          await ready().then(
            () => answer(200, { ready: true }),
            (error: unknown) =>
              answer(503, { ready: false, reason: error instanceof Error ? error.message : String(error) }),
          );
        });
        server.once('error', reject);
        server.listen(port, host, resolve);
      }),
    stop: () =>
      new Promise((resolve) => {
        server?.closeAllConnections();
        server ? server.close(() => resolve()) : resolve();
      }),
  };
}
