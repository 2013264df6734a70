import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection in the middle that can lose what is said, hold it back, or break off. */
export interface TcpProxy {
  /** The address of the proxy in place of the server's. */
  readonly port: number;
  /** From now on what the server answers is thrown away; what it is told arrives. */
  swallowAnswers(): void;
  /** Resets every connection. */
  reset(): void;
  /** From now on nothing passes, in either direction; connections stay open, and new ones get no answer. */
  cut(): void;
  /**
   * Ends a cut. `late`: what was said meanwhile arrives. `dead`: the connections of before stay open, and nothing will
   * ever pass on them, as when a router has forgotten them; new ones work.
   */
  heal(end: 'late' | 'dead'): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const dead = new Set<Socket>();
  const waiting = new Set<Socket>();
  let swallowing = false;
  let isCut = false;

  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      for (const set of [sockets, dead, waiting]) set.delete(socket);
    });
    socket.on('error', () => {});
  };
  const join = (client: Socket) => {
    const upstream = connect(target);
    track(upstream);
    client.on('data', (data) => void upstream.write(data));
    upstream.on('data', (data) => {
      if (!swallowing) client.write(data);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    // An end is passed on above; a reset has to be as well.
    client.on('close', (reset) => void (reset && upstream.destroy()));
    upstream.on('close', (reset) => void (reset && client.destroy()));
  };
  const server = createServer((client) => {
    track(client);
    if (isCut) waiting.add(client.pause());
    else join(client);
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
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    heal(end) {
      isCut = false;
      for (const socket of sockets) {
        if (end === 'dead' && !waiting.has(socket)) dead.add(socket);
        else if (!dead.has(socket)) socket.resume();
      }
      for (const client of waiting) join(client);
      waiting.clear();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
