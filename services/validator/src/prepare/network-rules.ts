import { isIP } from 'node:net';
import { canonicalizeHost } from '@anthropic-ai/sandbox-runtime/dist/sandbox/parent-proxy.js';
import { DEFAULT_DENIED_RESOLVED_ADDRESSES } from '@anthropic-ai/sandbox-runtime/dist/sandbox/proxy-only.js';
import {
  createResolvedAddressGuard,
  type ResolvedAddressGuard,
} from '@anthropic-ai/sandbox-runtime/dist/sandbox/resolved-address-guard.js';

/** Where prepare may go beside public hosts. This program knows no host: configuration of others names them. */
export interface NetworkRules {
  /** `host:port` of the machine's own package manager configuration: reached wherever it lies. */
  readonly machineHosts: ReadonlySet<string>;
  /** `host` or `host:port` of `sandbox.prepareHosts`: may lie in a private network, but not on this machine. */
  readonly prepareHosts: readonly string[];
  /** For what a change asks for: the only public hosts (`host:port`), which the base's packages came from. */
  readonly onlyHosts?: ReadonlySet<string>;
}

/** Which addresses a name may resolve to. */
export type Addresses = 'any' | 'off-machine' | 'public';
export type Decision =
  | { readonly allowed: true; readonly addresses: Addresses }
  | { readonly allowed: false; readonly reason: string };

/** Web servers and what runs without privileges; mail, shells and directories are nobody's registry. */
const isRegistryPort = (port: number): boolean => port === 80 || port === 443 || port >= 1024;

/** Decides by name. What the name resolves to is looked at when it is dialled: see `guards`. Pure. */
export function decide(
  { machineHosts, prepareHosts, onlyHosts }: NetworkRules,
  written: string,
  port: number,
): Decision {
  const host = canonicalizeHost(written);
  if (host === undefined) return { allowed: false, reason: 'not a host' };
  if (machineHosts.has(`${host}:${port}`)) return { allowed: true, addresses: 'any' };
  if (isIP(host)) return { allowed: false, reason: 'an address instead of a name' };
  if (/(^|\.)localhost$/.test(host)) return { allowed: false, reason: 'this machine' };
  if (prepareHosts.includes(`${host}:${port}`) || (prepareHosts.includes(host) && isRegistryPort(port)))
    return { allowed: true, addresses: 'off-machine' };
  if (onlyHosts !== undefined && !onlyHosts.has(`${host}:${port}`))
    return { allowed: false, reason: "none of the hosts that the base commit's packages came from" };
  if (!host.includes('.') || /\.(local|internal|home\.arpa)$/.test(host))
    return { allowed: false, reason: 'a name of a local network' };
  return isRegistryPort(port)
    ? { allowed: true, addresses: 'public' }
    : { allowed: false, reason: `port ${port} is no web server's` };
}

/**
 * Checks what a name resolves to, and dials that very address. Both refuse loopback, link-local, multicast and metadata
 * addresses and this machine's own; `public` refuses private networks too.
 */
export const guards = (): Readonly<Record<Exclude<Addresses, 'any'>, ResolvedAddressGuard>> => ({
  'off-machine': createResolvedAddressGuard(),
  public: createResolvedAddressGuard({ deniedResolvedAddresses: DEFAULT_DENIED_RESOLVED_ADDRESSES }),
});

/** Every `host:port` of the URLs in a text: the configuration of package managers, whichever they are. */
export function hostsIn(text: string): string[] {
  const urls = text.matchAll(/\b(https?):\/\/(?:[^\s"'<>/@]*@)?(\[[0-9a-f:.]+\]|[^\s"'<>/:@,|]+)(?::(\d{1,5}))?/gi);
  return [...urls].flatMap(([, scheme = '', name = '', port]) => {
    const host = canonicalizeHost(name);
    return host === undefined ? [] : [`${host}:${port ?? (scheme.toLowerCase() === 'https' ? 443 : 80)}`];
  });
}
