import { lookup } from 'node:dns';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpProxyServer } from '@anthropic-ai/sandbox-runtime/dist/sandbox/http-proxy.js';
import { canonicalizeHost, resolveParentProxy } from '@anthropic-ai/sandbox-runtime/dist/sandbox/parent-proxy.js';
import { isResolvedAddressDenied } from '@anthropic-ai/sandbox-runtime/dist/sandbox/resolved-address-guard.js';
import { decide, guards, type NetworkRules } from './network-rules.ts';

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
  const guard = guards();
  const parentProxy = resolveParentProxy(parent);

  const lookupFor =
    (port: number): LookupFunction =>
    (host, options, callback) => {
      const decision = decide(rules, host, port);
      if (!decision.allowed) callback(new Error(decision.reason), []);
      else if (decision.addresses === 'any') lookup(host, options, callback);
      else guard[decision.addresses].lookupFor(port)(host, options, callback);
    };
  const resolve = (host: string, port: number): Promise<Error | null> =>
    new Promise((done) => lookupFor(port)(host, { all: true }, (error) => done(error)));

  const server = createHttpProxyServer({
    async filter(port, written) {
      const host = canonicalizeHost(written) ?? written;
      const refuse = (reason: string) => {
        note(refused, `${host}:${port}: ${reason}`);
        return false;
      };
      const decision = decide(rules, host, port);
      if (!decision.allowed) return refuse(decision.reason);
      // Through another proxy the name is dialled there, past the guard. One that only that proxy knows passes.
      const problem = await resolve(host, port);
      if (problem !== null && isResolvedAddressDenied(problem)) return refuse(problem.reason);
      if (problem === null || parentProxy !== undefined) note(reached, `${host}:${port}`);
      return true;
    },
    lookupFor,
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
