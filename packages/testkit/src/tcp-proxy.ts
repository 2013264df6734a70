import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection in the middle that can lose what the server says. */
export interface TcpProxy {
  /** The address of the proxy in place of the server's. */
  readonly port: number;
  /** From now on what the server answers is thrown away; what it is told arrives. */
  swallowAnswers(): void;
  /** Cuts every connection without a word. */
  reset(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    }
    client.on('data', (data) => void upstream.write(data));
    upstream.on('data', (data) => {
      if (!swallowing) client.write(data);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    swallowAnswers() {
      swallowing = true;
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
      swallowing = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
