/** SQLSTATE of a database error that Prisma wrapped; null where the server did not answer with one. */
export function sqlState(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; isRecord(at) && depth < 6; depth++) {
    if (typeof at.originalCode === 'string') return at.originalCode;
    at = (isRecord(at.meta) ? at.meta.driverAdapterError : undefined) ?? at.cause;
  }
  return null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
