import { AppError } from '../errors/app-error.ts';

/** The platform asks to wait: the stage parks until then. */
export class GitHubWait extends AppError {
  readonly until: Date;

  constructor(
    code: 'GITHUB_RATE_LIMITED' | 'PUBLISH_LIMIT' | 'PUBLISH_BUSY',
    until: Date,
    detail: Record<string, unknown> = {},
  ) {
    super(code, { ...detail, until: until.toISOString() });
    this.name = 'GitHubWait';
    this.until = until;
  }
}

/** What a failed request says, as far as we read it. */
interface Failure {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly errors: readonly { readonly message?: string; readonly field?: string; readonly code?: string }[];
}

/** GitHub's advice where it names no time: a minute. */
const DEFAULT_WAIT_MS = 60_000;

export const failureOf = (error: unknown): Failure | null => {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const { response } = error as { response?: { headers?: Failure['headers']; data?: { errors?: Failure['errors'] } } };
  const errors = response?.data?.errors;
  return {
    status: error.status,
    message: error.message.replace(/ - https?:\S+$/, ''),
    headers: response?.headers ?? {},
    errors: Array.isArray(errors) ? errors : [],
  };
};

/**
 * A failed request as an error of the table: 401 KEY_REJECTED; rate limits, primary and secondary, GitHubWait; other 403
 * GITHUB_FORBIDDEN; 404 and 410 GITHUB_NOT_FOUND; the rest, and what never got an answer, PUBLISH_FAILED, which is
 * retryable. Source: GitHub's "Best practices" and "Rate limits" pages of the REST API.
 */
export function githubError(
  error: unknown,
  at: { readonly owner: string; readonly repo: string },
  doing: string,
): unknown {
  if (error instanceof AppError || (error instanceof Error && error.name === 'StageAborted')) return error;
  const failure = failureOf(error);
  const repository = `${at.owner}/${at.repo}`;
  const reason = failure
    ? [
        `${failure.status} ${failure.message}`,
        ...failure.errors.map((one) => one.message ?? `${one.field} ${one.code}`),
      ].join('; ')
    : String(error instanceof Error ? error.message : error);
  if (failure?.status === 401)
    return new AppError('KEY_REJECTED', { provider: 'GitHub', variable: 'GITHUB_TOKEN' }, { cause: error });
  const until = failure && limitedUntil(failure);
  if (until) return new GitHubWait('GITHUB_RATE_LIMITED', until, { repository });
  if (failure?.status === 403) {
    // GitHub names the permission that it wanted.
    const wanted = failure.headers['x-accepted-github-permissions'];
    const lacking = wanted ? `${reason}; it takes ${wanted}` : reason;
    return new AppError('GITHUB_FORBIDDEN', { repository, reason: lacking }, { cause: error });
  }
  if (failure?.status === 404 || failure?.status === 410)
    return new AppError('GITHUB_NOT_FOUND', { repository, reason }, { cause: error });
  return new AppError('PUBLISH_FAILED', { branch: doing, reason: reason.slice(0, 500) }, { cause: error });
}

function limitedUntil({ status, message, headers }: Failure): Date | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers['retry-after']);
  if (Number.isFinite(after) && after >= 0 && headers['retry-after'] !== undefined)
    return new Date(Date.now() + after * 1000);
  if (String(headers['x-ratelimit-remaining']) === '0' && headers['x-ratelimit-reset'] !== undefined)
    return new Date(Number(headers['x-ratelimit-reset']) * 1000 + 1_000);
  return status === 429 || /secondary rate limit|abuse detection/i.test(message)
    ? new Date(Date.now() + DEFAULT_WAIT_MS)
    : null;
}
