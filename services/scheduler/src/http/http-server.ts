import type { AddressInfo } from 'node:net';
import { isLoopback, parseAddress, urlOf } from '@orchestrator/shared/boot/address.ts';
import type { Vitals } from '@orchestrator/shared/boot/health.ts';
import type { Component, Resources } from '@orchestrator/shared/boot/resources.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { mapSystemError } from '@orchestrator/shared/errors/map-system-error.ts';

export interface HttpServer extends Component {
  /** Where it is served, once started. */
  url(): string;
}

/**
 * Serves the API and the queue dashboard at ORCHESTRATOR_API_ADDRESS, and health where `vitals` are given. Starting throws
 * API_TOKEN_MISSING where other machines could use it without a token, and PORT_TAKEN.
 */
export function createHttpServer(
  resources: Pick<Resources, 'env' | 'log' | 'db' | 'transport'>,
  vitals?: Vitals,
): HttpServer {
  const { env, log, db, transport } = resources;
  const { ORCHESTRATOR_API_ADDRESS: address, ORCHESTRATOR_API_TOKEN: token } = env;
  const { GITHUB_WEBHOOK_SECRET: secret, GITHUB_API_URL: apiUrl } = env;
  let close: () => Promise<void> = async () => {};
  let url = '';
  return {
    name: 'http server',
    url: () => url,
    async start() {
      const { host, port } = parseAddress(address);
      if (token === undefined && !isLoopback(host)) throw new AppError('API_TOKEN_MISSING', { address });
      // Loaded only by the process that serves.
      const { buildApp } = await import('./app.ts');
      const app = await buildApp({
        db,
        log,
        transport,
        token,
        vitals,
        webhooks: secret === undefined ? undefined : { secret, apiUrl },
      });
      try {
        await app.listen({ host, port, listenTextResolver: () => '' });
      } catch (error) {
        await app.close();
        throw mapSystemError(error, { portOption: 'ORCHESTRATOR_API_ADDRESS' });
      }
      close = () => app.close();
      const listening = app.server.address() as AddressInfo;
      url = urlOf({ host, port: listening.port });
      log.info({ url, queues: `${url}/queues`, token: token !== undefined }, 'http api listens');
    },
    stop: () => close(),
  };
}
