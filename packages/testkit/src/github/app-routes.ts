import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorJson, userJson } from './json.ts';
import { type RepositoryState, seconds } from './repository-state.ts';

/** A GitHub App that is installed for the repository. */
export interface TestApp {
  readonly id: number;
  readonly slug: string;
  /** PEM; the server takes what was signed with it. */
  readonly privateKey: string;
  readonly installationId: number;
  /** How long a token of the installation lives. Default: an hour. */
  tokenLifetimeMs?: number;
  /** Nobody has installed it: default false. */
  removed?: boolean;
}

/** GitHub takes no signature for longer. */
const MAX_LIFETIME_S = 600;

/** Who an App is and what tokens its installation gets. Signatures, their times and the ends of tokens are checked. */
export function appRoutes(app: FastifyInstance, state: RepositoryState, known: TestApp | undefined) {
  const tokens = new Map<string, number>();
  const notFound = errorJson(404, 'Not Found');
  const installation = ({ id, slug, installationId }: TestApp) => ({
    id: installationId,
    account: userJson(state.owner),
    repository_selection: 'selected',
    app_id: id,
    app_slug: slug,
    target_type: 'User',
    permissions: { contents: 'write', pull_requests: 'write', issues: 'write', metadata: 'read' },
    events: [],
  });

  if (known !== undefined) {
    app.get('/app', async () => ({ id: known.id, slug: known.slug, name: known.slug, owner: userJson(state.owner) }));
    app.get('/app/installations', async () => (known.removed ? [] : [installation(known)]));
    app.get(`/repos/${state.owner}/${state.name}/installation`, async (_request, reply) =>
      known.removed ? reply.code(404).send(notFound) : installation(known),
    );
    app.post<{ Params: { id: string } }>('/app/installations/:id/access_tokens', async (request, reply) => {
      if (known.removed || Number(request.params.id) !== known.installationId) return reply.code(404).send(notFound);
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const endsAt = Date.now() + (known.tokenLifetimeMs ?? 3_600_000);
      tokens.set(token, endsAt);
      const { permissions, repository_selection } = installation(known);
      const expires_at = new Date(endsAt).toISOString();
      return reply.code(201).send({ token, expires_at, permissions, repository_selection });
    });
  }

  return {
    /** Tokens of the installation that were given out, oldest first. */
    tokens: () => [...tokens.keys()],
    /** Makes a token invalid, as a removal of the App does. */
    revoke: (token: string) => void tokens.delete(token),
    isToken: (token: string) => (tokens.get(token) ?? 0) > Date.now(),
    /** null: the request is not one of the App itself; otherwise what is wrong with it, or '' for nothing. */
    problemOf(request: FastifyRequest, token: string): string | null {
      const path = new URL(request.raw.url ?? '/', 'http://server').pathname;
      if (!/^\/app(\/|$)|^\/repos\/[^/]+\/[^/]+\/installation$/.test(path)) return null;
      return known === undefined ? 'A JSON web token could not be decoded' : jwtProblem(token, known);
    },
  };
}

function jwtProblem(token: string, { id, privateKey }: TestApp): string {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${head}.${payload}`);
  const right = verify('RSA-SHA256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'));
  if (!right) return 'A JSON web token could not be decoded';
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
  const { iss, iat, exp } = claims;
  if (String(iss) !== String(id)) return "'Issuer' claim ('iss') must be an Integer or a client id";
  if (typeof iat !== 'number' || iat > seconds() + 60) return "'Issued at' claim ('iat') is in the future";
  if (typeof exp !== 'number' || exp <= seconds()) return "'Expiration time' claim ('exp') is in the past";
  return exp > seconds() + MAX_LIFETIME_S + 60 ? "'Expiration time' claim ('exp') is too far in the future" : '';
}
