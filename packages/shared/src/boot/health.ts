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

export const HEALTH_PATHS = ['/healthz', '/readyz', '/metrics'] as const;
export type HealthPath = (typeof HEALTH_PATHS)[number];

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * /healthz: it makes progress; 503 says that only a restart helps. /readyz: it can do its work now; 503 with the reasons
 * otherwise. /metrics: for Prometheus. No secret is in any of them.
 */
export async function healthAnswer(path: HealthPath, vitals: Vitals): Promise<Answer> {
  switch (path) {
    case '/healthz': {
      const stuck = vitals.stuck();
      return json(stuck.length === 0 ? 200 : 503, { live: stuck.length === 0, stuck });
    }
    case '/readyz': {
      const checks = await vitals.ready();
      const ready = Object.values(checks).every((reason) => reason === null);
      return json(ready ? 200 : 503, { ready, checks: inWords(checks) });
    }
    case '/metrics': {
      const { contentType, text } = await vitals.metrics.render();
      return { status: 200, contentType, body: text };
    }
  }
}

/** Serves HEALTH_PATHS at an address of its own, to everybody who can reach it. */
export function createHealthServer({ address, vitals, log }: HealthOptions): Component & { port(): number } {
  let server: Server | undefined;
  const { host, port } = parseAddress(address);

  async function answer(path: string, response: ServerResponse): Promise<void> {
    const known = HEALTH_PATHS.find((one) => one === path);
    if (known) send(response, await healthAnswer(known, vitals));
    else send(response, json(404, { error: `not found: ${HEALTH_PATHS.join(', ')}` }));
  }

  return {
    name: 'health server',
    port: () => (server?.address() as AddressInfo | null)?.port ?? 0,
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer((request, response) => {
          answer((request.url ?? '').replace(/\?.*$/s, ''), response).catch((error: unknown) => {
            log.warn({ err: error }, 'health could not be told');
            send(response, json(500, { error: 'it could not be told; see the log' }));
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

const json = (status: number, body: object): Answer => ({
  status,
  contentType: 'application/json',
  body: maskSecrets(JSON.stringify(body)),
});

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}

const inWords = (checks: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(checks).map(([name, reason]) => [name, reason ?? 'ok']));
