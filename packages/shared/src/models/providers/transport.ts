/**
 * One HTTP request of an SDK, watched: a redirect would be a second request that nobody reserved for, and would carry
 * the prompt elsewhere, so none is followed; and the error is kept as it was before the SDK rewords it.
 */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** What the connection itself failed with before headers came; null while it did not. */
  readonly error: unknown;
}

export function watchTransport(): Transport {
  let error: unknown = null;
  return {
    get error() {
      return error;
    },
    async fetch(input, init) {
      try {
        return await globalThis.fetch(input, { ...init, redirect: 'manual' });
      } catch (caught) {
        error = caught;
        throw caught;
      }
    },
  };
}

/** Failures of name resolution, connection or TLS: they come before the first byte of the request. */
const BEFORE_WRITING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Whether an error of fetch shows that nothing of the request left this machine. */
export function nothingWasSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Several addresses were tried: each of them must have failed to connect.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(nothingWasSent);
  if ('code' in error && typeof error.code === 'string') return BEFORE_WRITING.has(error.code);
  return nothingWasSent(error.cause);
}
