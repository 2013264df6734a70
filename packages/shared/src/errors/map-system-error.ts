import { AppError } from './app-error.ts';

/** What was being done when the system refused: it decides what the reader is told to do. */
export interface SystemErrorContext {
  /** The file or folder, where the error does not name it. */
  readonly path?: string;
  /** The option or variable that chooses another port. */
  readonly portOption?: string;
  /** What was called, where nothing answered. */
  readonly address?: string;
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
  readonly port?: number;
  readonly address?: string;
  readonly hostname?: string;
}

/** An error of the operating system as an AppError that says what to do; anything else comes back as it is. */
export function mapSystemError(error: unknown, context: SystemErrorContext = {}): unknown {
  if (error instanceof AppError) return error;
  const found = systemErrorIn(error);
  if (found === undefined) return error;
  const path = context.path ?? found.path ?? 'the home folder';
  switch (found.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      if (found.port !== undefined)
        return new AppError('PORT_TAKEN', portDetail(found, context), {
          message: `Port ${found.port} may not be used by this user.`,
          cause: error,
        });
      return new AppError('HOME_NOT_WRITABLE', { path, reason: REASONS[found.code] }, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('DISK_FULL', { path }, { cause: error });
    case 'EADDRINUSE':
      return new AppError('PORT_TAKEN', portDetail(found, context), { cause: error });
    case 'EMFILE':
    case 'ENFILE':
      return new AppError(
        'TOOL_MISSING',
        { tool: 'A free file handle', fix: 'Raise the limit of open files (ulimit -n).' },
        { message: 'Too many files are open.', cause: error },
      );
    default:
      return error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
};

const portDetail = (error: SystemError, context: SystemErrorContext): Record<string, unknown> => ({
  port: error.port ?? '?',
  host: error.address ?? 'localhost',
  option: context.portOption ?? '--port',
});

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
};

/** Why a network call failed, in a few words; undefined where `error` is no network error. */
export function networkReason(error: unknown): string | undefined {
  const found = systemErrorIn(error);
  return found === undefined ? undefined : NETWORK[found.code];
}

/** The system error itself, or the one that caused it (fetch, pg and SDKs wrap theirs). */
function systemErrorIn(error: unknown): SystemError | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    const code = (at as Partial<SystemError>).code;
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+|DEPTH_ZERO\w+)$/.test(code))
      return at as SystemError;
    // A connection to a name with several addresses fails with one error for each.
    at = at instanceof AggregateError && at.errors.length > 0 ? at.errors[0] : at.cause;
  }
  return undefined;
}
