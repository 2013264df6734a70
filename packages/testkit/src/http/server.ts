import fastify, { type FastifyInstance } from 'fastify';

/** A server, on the loopback interface unless told otherwise. `close` ends open and hanging connections as well. */
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** An application without logging whose connections die with it. `rewrite` leads a path elsewhere before it is routed. */
export function createApp(rewrite: (path: string) => string = (path) => path): FastifyInstance {
  return fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 64 * 1024 * 1024,
    keepAliveTimeout: 5_000,
    rewriteUrl: ({ url }) => rewrite(url ?? '/'),
  });
}

/** Port 0 takes a free one. Another host than 127.0.0.1 is for containers, which nobody reaches otherwise. */
export async function listen(app: FastifyInstance, port: number, host = '127.0.0.1'): Promise<RunningServer> {
  const url = await app.listen({ host, port });
  return { url, close: () => app.close() };
}
