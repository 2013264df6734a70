import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runBackend } from './git-backend.ts';

export interface GitServerOptions {
  /** Folder whose repositories are served, by their path. */
  readonly root: string;
  /** Asked for by Basic authentication; absent: everybody may read and write. */
  readonly credential?: { readonly username: string; readonly password: string };
  /** Held before each answer, in milliseconds. */
  readonly delayMs?: number;
}

export interface GitServer {
  /** http://127.0.0.1:port */
  readonly url: string;
  /** Authorization headers received, in order; null where there was none. */
  readonly authorizations: readonly (string | null)[];
  close(): Promise<void>;
}

/** git's own smart HTTP server (git http-backend), with authentication in front. */
export async function startGitServer({ root, credential, delayMs = 0 }: GitServerOptions): Promise<GitServer> {
  const authorizations: (string | null)[] = [];
  const expected =
    credential && `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization ?? null);
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    setTimeout(() => runBackend(root, request, response), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
