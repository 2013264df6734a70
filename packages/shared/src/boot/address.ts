/** Where a server listens, as `host:port` names it; an IPv6 address stands in brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export function parseAddress(address: string): ListenAddress {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** Only programs of this machine can reach such a host. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** The address as people open it. */
export const urlOf = ({ host, port }: ListenAddress): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
