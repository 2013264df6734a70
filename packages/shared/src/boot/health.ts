import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { mapSystemError } from '../errors/map-system-error.ts';
import type { MetricsPage } from '../telemetry/registry.ts';
import { parseAddress } from './address.ts';
import { maskSecrets } from './redact.ts';
import type { Component } from './resources.ts';

/** What a service knows of itself. */
export interface Vitals {
  /** Why it makes no progress, one entry a part; empty: it does. */
  stuck(): readonly string[];
  /** Each check of readiness with the reason why it fails, or null. */
  ready(): Promise<Readonly<Record<string, string | null>>>;
  readonly metrics: MetricsPage;
}

export interface HealthOptions {
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  readonly vitals: Vitals;
  readonly log: Logger;
}

/**
 * GET /healthz: it makes progress; 503 says that only a restart helps. GET /readyz: it can do its work now; 503 with the
 * reasons otherwise. GET /metrics: for Prometheus. No secret is in any of them.
 */
export function createHealthServer({ address, vitals, log }: HealthOptions): Component & { port(): number } {
  let server: Server | undefined;
  const { host, port } = parseAddress(address);

  async function answer(path: string, response: ServerResponse): Promise<void> {
    if (path === '/healthz') {
      const stuck = vitals.stuck();
      return json(response, stuck.length === 0 ? 200 : 503, { live: stuck.length === 0, stuck });
    }
    if (path === '/readyz') {
      const checks = await vitals.ready();
      const ready = Object.values(checks).every((reason) => reason === null);
      return json(response, ready ? 200 : 503, { ready, checks: inWords(checks) });
    }
    if (path === '/metrics') {
      const { contentType, text } = await vitals.metrics.render();
      response.writeHead(200, { 'content-type': contentType }).end(text);
      return;
    }
    json(response, 404, { error: 'not found: /healthz, /readyz or /metrics' });
  }

  return {
    name: 'health server',
    port: () => (server?.address() as AddressInfo | null)?.port ?? 0,
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer((request, response) => {
          answer((request.url ?? '').replace(/\?.*$/s, ''), response).catch((error: unknown) => {
            log.warn({ err: error }, 'health could not be told');
            json(response, 500, { error: 'it could not be told; see the log' });
          });
        });
        server.once('error', (error) => reject(mapSystemError(error, { portOption: 'ORCHESTRATOR_HEALTH_ADDRESS' })));
        server.listen(port, host, resolve);
      }),
    stop: () =>
      new Promise((resolve) => {
        server?.closeAllConnections();
        server ? server.close(() => resolve()) : resolve();
      }),
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(maskSecrets(JSON.stringify(body)));
}

const inWords = (checks: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(checks).map(([name, reason]) => [name, reason ?? 'ok']));
