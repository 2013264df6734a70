import { isLoopback } from '@orchestrator/shared/boot/address.ts';

interface Caller {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Why a request may come from a page of another site in somebody's browser; null: it does not. Browsers send stored
 * credentials, and reach loopback, on behalf of any page.
 */
export function crossSiteProblem({ method, headers }: Caller, needsToken: boolean): string | null {
  const host = String(headers.host ?? '');
  // Without a token a page could reach us by a name of its own that resolves to this machine.
  if (!needsToken && !isLoopback(hostnameOf(`http://${host}`)))
    return `The host ${JSON.stringify(host.slice(0, 100))} is not a name of this machine.`;
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return null;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'The request comes from another site.';
  const { origin } = headers;
  if (typeof origin === 'string' && URL.parse(origin)?.host !== host) return 'The request comes from another site.';
  return null;
}

const hostnameOf = (url: string): string => (URL.parse(url)?.hostname ?? '').replace(/^\[|\]$/g, '');
