import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { githubAddress } from '@orchestrator/shared/github/address.ts';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';

export interface WebhookOptions {
  readonly db: Database;
  /** GITHUB_WEBHOOK_SECRET. */
  readonly secret: string;
  /** GITHUB_API_URL. */
  readonly apiUrl: string;
}

/** GitHub sends at most 25 MB, and what we need is in the first few hundred KB of any event about a pull request. */
const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

/** What can concern a pull request of ours. */
const EVENTS = [
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'issue_comment',
  'check_run',
  'check_suite',
  'status',
  'push',
];

const Headers = z.object({
  'x-github-delivery': z.string().regex(/^[0-9a-zA-Z-]{8,100}$/),
  'x-github-event': z.string().regex(/^[a-z_]{1,60}$/),
});
const Payload = z.object({ repository: z.object({ full_name: z.string() }).optional() });

/**
 * POST /webhooks/github: a signed hint that something happened in a repository. It is stored and looked at by the pull
 * request watcher, which asks GitHub itself, so a hint that is lost, late, repeated or out of order changes nothing.
 */
export const webhookRoutes: FastifyPluginAsync<WebhookOptions> = async (app, { db, secret, apiUrl }) => {
  // The signature is over the bytes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
    (_request, body, done) => done(null, body),
  );

  app.post('/webhooks/github', { config: { signed: true }, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const body = request.body as Buffer;
    if (!isSigned(body, String(request.headers['x-hub-signature-256'] ?? ''), secret))
      throw new AppError('API_UNAUTHORIZED');
    const headers = Headers.safeParse(request.headers);
    if (!headers.success)
      throw new AppError('API_REQUEST_INVALID', { problem: 'x-github-delivery or x-github-event is missing' });
    const { 'x-github-delivery': deliveryId, 'x-github-event': event } = headers.data;
    const repositoryId = EVENTS.includes(event) ? await repositoryOf(db, body, apiUrl) : null;
    if (repositoryId !== null)
      await db.webhookEvent.createMany({ data: [{ deliveryId, event, repositoryId }], skipDuplicates: true });
    request.log.info({ deliveryId, event, taken: repositoryId !== null }, 'webhook received');
    return reply.code(202).send({ taken: repositoryId !== null });
  });
};

function isSigned(body: Buffer, header: string, secret: string): boolean {
  const wanted = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(/^sha256=([0-9a-f]{64})$/.exec(header)?.[1] ?? '', 'hex');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Our row of the repository that the payload names; null: it is none of ours. */
async function repositoryOf(db: Database, body: Buffer, apiUrl: string): Promise<string | null> {
  const name = namedIn(body);
  if (name === null) return null;
  const rows = await db.repository.findMany({ select: { id: true, url: true } });
  const found = rows.find(({ url }) => {
    const at = githubAddress({ kind: url.startsWith('/') ? 'local' : 'remote', url }, apiUrl);
    return at !== null && `${at.owner}/${at.repo}`.toLowerCase() === name.toLowerCase();
  });
  return found?.id ?? null;
}

function namedIn(body: Buffer): string | null {
  try {
    return Payload.safeParse(JSON.parse(body.toString('utf8'))).data?.repository?.full_name ?? null;
  } catch {
    throw new AppError('API_REQUEST_INVALID', { problem: 'the body is not JSON' });
  }
}
