import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { ErrorCode } from '@orchestrator/shared/errors/errors.ts';
import { networkReason } from '@orchestrator/shared/errors/map-system-error.ts';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** The body of every error, `application/problem+json` (RFC 9457). */
export const Problem = z.object({
  type: z.string().describe('`urn:orchestrator:error:` and the code.'),
  title: z.string().describe('The code of docs/errors.md.'),
  status: z.number().int(),
  detail: z.string().describe('What happened.'),
  next: z.string().describe('What to do.'),
  requestId: z.string().describe('The log has lines with it.'),
  errors: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

const STATUS: Partial<Record<ErrorCode, number>> = {
  API_UNAUTHORIZED: 401,
  API_FORBIDDEN: 403,
  API_NOT_FOUND: 404,
  RUN_UNKNOWN: 404,
  TASK_UNKNOWN: 404,
  REPO_UNKNOWN: 404,
  LESSON_UNKNOWN: 404,
  API_CONFLICT: 409,
  USAGE: 409,
  API_REQUEST_INVALID: 400,
  REPO_NOT_FOUND: 422,
  DATABASE_UNAVAILABLE: 503,
  QUEUE_UNAVAILABLE: 503,
};

/** Any thrown value as a problem. What no one is meant to see stays in the log. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message }) => ({
      field: [error.validationContext, ...instancePath.split('/').filter(Boolean)].join('.'),
      problem: message ?? 'is not valid',
    }));
    const problem = errors.map((one) => `${one.field}: ${one.problem}`).join('; ');
    return { ...problemOf(new AppError('API_REQUEST_INVALID', { problem }), requestId), errors };
  }
  if (error instanceof AppError) return problemOf(error, requestId);
  const status = (error as { statusCode?: unknown }).statusCode;
  // Fastify's own: a body that is too large, not JSON, or of another type.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return {
      ...problemOf(new AppError('API_REQUEST_INVALID', { problem: (error as Error).message }), requestId),
      status,
    };
  const unreachable = networkReason(error);
  if (unreachable !== undefined)
    return problemOf(new AppError('DATABASE_UNAVAILABLE', { reason: unreachable }), requestId);
  return problemOf(
    new AppError('INTERNAL', { message: 'Something went wrong; the log has it under this request id.' }),
    requestId,
  );
}

const problemOf = (error: AppError, requestId: string): Problem => ({
  type: `urn:orchestrator:error:${error.code}`,
  title: error.code,
  status: STATUS[error.code] ?? 500,
  detail: error.message,
  next: error.next,
  requestId,
});
