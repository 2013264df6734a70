import { isIP } from 'node:net';
import { canonicalizeHost } from '@anthropic-ai/sandbox-runtime/dist/sandbox/parent-proxy.js';
import { DEFAULT_DENIED_RESOLVED_ADDRESSES } from '@anthropic-ai/sandbox-runtime/dist/sandbox/proxy-only.js';
import {
  createResolvedAddressGuard,
  type ResolvedAddressGuard,
} from '@anthropic-ai/sandbox-runtime/dist/sandbox/resolved-address-guard.js';

/** Where prepare may go. No host is known to this program: the machine's configuration and the user's name them. */
export interface NetworkRules {
  /** `host:port` of the machine's own package manager configuration: reached wherever they lie, as a mirror inside a company. */
  readonly machineHosts: ReadonlySet<string>;
  /** `host` or `host:port` beside them; `public`: every public host, for the manifests of the base commit. */
  readonly hosts: 'public' | readonly string[];
}

export type Decision =
  | { readonly allowed: true; readonly guarded: boolean }
  | { readonly allowed: false; readonly reason: string };

/** Web servers and what runs without privileges; mail, shells and directories are nobody's registry. */
const isRegistryPort = (port: number): boolean => port === 80 || port === 443 || port >= 1024;

/** Decides by name. What a name resolves to is looked at when it is dialled: see `publicAddresses`. Pure. */
export function decide({ machineHosts, hosts }: NetworkRules, written: string, port: number): Decision {
  const host = canonicalizeHost(written);
  if (host === undefined) return { allowed: false, reason: 'not a host' };
  if (machineHosts.has(`${host}:${port}`)) return { allowed: true, guarded: false };
  const listed = hosts === 'public' ? undefined : hosts.find((each) => each === host || each === `${host}:${port}`);
  if (isIP(host)) return { allowed: false, reason: 'an address instead of a name' };
  if (!host.includes('.') || /(^|\.)(localhost|local|internal|home\.arpa)$/.test(host))
    return { allowed: false, reason: 'a name of the local network' };
  if (hosts !== 'public' && listed === undefined) return { allowed: false, reason: 'not a host of the base commit' };
  if (!isRegistryPort(port) && listed !== `${host}:${port}`) return { allowed: false, reason: `port ${port}` };
  return { allowed: true, guarded: true };
}

/** Refuses loopback, private, link-local, multicast and metadata addresses, and this machine's own, when a name is dialled. */
export const publicAddresses = (): ResolvedAddressGuard =>
  createResolvedAddressGuard({ deniedResolvedAddresses: DEFAULT_DENIED_RESOLVED_ADDRESSES });

/** Every `host:port` of the URLs in a text: the configuration of package managers, whichever they are. */
export function hostsIn(text: string): string[] {
  return [
    ...text.matchAll(/\b(https?):\/\/(?:[^\s"'<>/@]*@)?(\[[0-9a-f:.]+\]|[^\s"'<>/:@,|]+)(?::(\d{1,5}))?/gi),
  ].flatMap(([, scheme = '', name = '', port]) => {
    const host = canonicalizeHost(name);
    return host === undefined ? [] : [`${host}:${port ?? (scheme.toLowerCase() === 'https' ? 443 : 80)}`];
  });
}
