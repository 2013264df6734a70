import { createServer, type Server } from 'node:net';

/** First user id of the sandbox; a started-as-root validator gives each slot one of its own. */
const FIRST_UID = 64_001;
const SLOTS = 256;

export interface Slot {
  readonly uid: number;
  release(): Promise<void>;
}

/**
 * Takes a user id that no other sandbox of this machine uses. Held by an abstract socket: the kernel gives it back when
 * the process dies, so nothing has to be cleaned up.
 */
export async function takeSlot(): Promise<Slot> {
  for (let index = 0; index < SLOTS; index++) {
    const uid = FIRST_UID + index;
    const server = await listen(`\0ai-orchestrator-sandbox-${uid}`);
    if (server !== null) return { uid, release: () => new Promise((resolve) => server.close(() => resolve())) };
  }
  throw new Error(`all ${SLOTS} sandbox slots are taken`);
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}
