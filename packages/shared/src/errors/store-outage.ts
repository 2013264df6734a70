import { AppError } from './app-error.ts';
import { networkReason } from './map-system-error.ts';

/** SQLSTATE classes and codes with which Postgres says that it cannot serve now: it starts, stops, or is out of places. */
const AWAY = /^(08\w{3}|53\w{3}|57P0[1-5])$/;
/** Prisma's own codes for the same: not reachable, too slow, closed, no connection free. */
const PRISMA_AWAY = ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'];
const KINDS_AWAY = ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'];
/** What the driver says without any code. */
const WORDS =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|client has encountered a connection error/i;

/**
 * DATABASE_UNAVAILABLE where an error of the driver, or of the client around it, says that Postgres is away; undefined
 * where it is about something else. For errors of whom else the network may fail, see mapSystemError.
 */
export function databaseOutage(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error.code === 'DATABASE_UNAVAILABLE' ? error : undefined;
  const reason = reasonIn(error, 0) ?? networkReason(error);
  return reason === undefined ? undefined : new AppError('DATABASE_UNAVAILABLE', { reason }, { cause: error });
}

function reasonIn(error: unknown, depth: number): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  const { code, originalCode, kind, message, meta, cause } = error as Record<string, unknown>;
  const words = typeof message === 'string' ? message : '';
  const state = [code, originalCode].find((one) => typeof one === 'string' && AWAY.test(one));
  if (state !== undefined || WORDS.test(words)) return words || `SQLSTATE ${state}`;
  const isPrisma = typeof code === 'string' && PRISMA_AWAY.includes(code);
  const inside = reasonIn((meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError, depth + 1);
  if (inside !== undefined) return inside;
  if (typeof kind === 'string' && KINDS_AWAY.includes(kind)) return kind;
  return (isPrisma ? (networkReason(cause) ?? 'it does not answer') : undefined) ?? reasonIn(cause, depth + 1);
}
