import type { FastifyInstance } from 'fastify';
import { withoutDetour } from '../renaming.ts';
import { requestErrors, type SentRequest } from './check-request.ts';
import { responseErrors } from './check-response.ts';

/** What is compared with GitHub's description. */
export type Compared = 'requests' | 'requests and answers';

/**
 * Compares everything that passes a stand-in with GitHub's own description of its API. Returns the departures so far;
 * git's own protocol and the GraphQL endpoint, which the description does not have, are left out.
 */
export function compareWithDescription(app: FastifyInstance, compared: Compared): readonly string[] {
  const departures: string[] = [];
  const note = (request: SentRequest, errors: readonly string[]) =>
    departures.push(...errors.map((error) => `${request.method} ${request.path}: ${error}`));
  const sentBy = (raw: { method?: string; url?: string }, body?: unknown): SentRequest | null => {
    const url = new URL(raw.url ?? '/', 'http://server');
    if (/\.git\//.test(url.pathname) || url.pathname === '/graphql') return null;
    return { method: raw.method ?? 'GET', path: withoutDetour(url.pathname), query: url.searchParams, body };
  };
  app.addHook('preHandler', async (request) => {
    const sent = sentBy(request.raw, request.body);
    if (sent) note(sent, requestErrors(sent));
  });
  if (compared === 'requests and answers')
    app.addHook('onSend', async (request, reply, payload) => {
      const sent = sentBy(request.raw);
      if (sent === null) return payload;
      const body = typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : undefined;
      note(sent, responseErrors(sent, reply.statusCode, body));
      return payload;
    });
  return departures;
}
