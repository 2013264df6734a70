/** The vendor's error types by status. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  403: 'permission_error',
  404: 'invalid_request_error',
  429: 'rate_limit_error',
};

export function errorBody(
  status: number,
  message: string,
  more: { type?: string; code?: string; param?: string } = {},
): object {
  return {
    error: {
      message,
      type: more.type ?? TYPES[status] ?? 'server_error',
      param: more.param ?? null,
      code: more.code ?? (status === 429 ? 'rate_limit_exceeded' : null),
    },
  };
}
