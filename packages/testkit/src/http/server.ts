import fastify, { type FastifyInstance } from 'fastify';

/** A server on the loopback interface. `close` ends open and hanging connections as well. */
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** An application without logging whose connections die with it. */
export function createApp(): FastifyInstance {
  return fastify({ logger: false, forceCloseConnections: true, bodyLimit: 64 * 1024 * 1024, keepAliveTimeout: 5_000 });
}

/** Listens on 127.0.0.1; port 0 takes a free one. */
export async function listen(app: FastifyInstance, port: number): Promise<RunningServer> {
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}
