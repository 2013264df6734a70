import { lookup } from 'node:dns';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpProxyServer } from '@anthropic-ai/sandbox-runtime/dist/sandbox/http-proxy.js';
import { resolveParentProxy } from '@anthropic-ai/sandbox-runtime/dist/sandbox/parent-proxy.js';
import { isResolvedAddressDenied } from '@anthropic-ai/sandbox-runtime/dist/sandbox/resolved-address-guard.js';
import { decide, type NetworkRules, publicAddresses } from './network-rules.ts';

/** The only way out of the prepare phase: an HTTP proxy behind a Unix socket, by rules. */
export interface PrepareProxy {
  readonly socketPath: string;
  /** Hosts that were reached, as host:port, sorted. */
  hosts(): string[];
  /** Hosts that were asked for and refused, with the reason, sorted. */
  refused(): string[];
  close(): Promise<void>;
}

export interface PrepareProxyOptions {
  readonly rules: NetworkRules;
  /** Who may connect; null: this process's user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** Default: the machine's own proxy, from its environment. */
  readonly parent?: { readonly http?: string; readonly https?: string; readonly noProxy?: string };
}

const MAX_NAMED = 200;

/** Starts it. Names are resolved here, outside the box, once: the address that was checked is the one that is dialled. */
export async function startPrepareProxy({ rules, owner, parent }: PrepareProxyOptions): Promise<PrepareProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-proxy-'));
  const socketPath = join(folder, 's');
  const reached = new Set<string>();
  const refused = new Set<string>();
  const note = (set: Set<string>, text: string) => set.size < MAX_NAMED && set.add(text);
  const guard = publicAddresses();
  const parentProxy = resolveParentProxy(parent);

  const resolves = (host: string, port: number): Promise<Error | null> =>
    new Promise((resolve) => guard.lookupFor(port)(host, { all: true }, (error) => resolve(error)));

  const server = createHttpProxyServer({
    async filter(port, host) {
      const decision = decide(rules, host, port);
      const refuse = (reason: string) => {
        note(refused, `${host}:${port}: ${reason}`);
        return false;
      };
      if (!decision.allowed) return refuse(decision.reason);
      // Through another proxy the name is dialled there, past the guard. One that only that proxy knows passes.
      const problem = decision.guarded ? await resolves(host, port) : null;
      if (problem !== null && isResolvedAddressDenied(problem)) return refuse(problem.reason);
      note(reached, `${host.toLowerCase()}:${port}`);
      return true;
    },
    lookupFor: (port) => {
      const guarded: LookupFunction = (host, options, callback) => {
        const decision = decide(rules, host, port);
        if (decision.allowed && !decision.guarded) lookup(host, options, callback);
        else guard.lookupFor(port)(host, options, callback);
      };
      return guarded;
    },
    ...(parentProxy === undefined ? {} : { parentProxy }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(folder, 0o711);
  await chmod(socketPath, 0o600);
  if (owner !== null) await chown(socketPath, owner.uid, owner.gid);
  return {
    socketPath,
    hosts: () => [...reached].sort(),
    refused: () => [...refused].sort(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
