import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends one page of `rows` with the Link header that clients follow to the others. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, url: string, rows: readonly object[]) {
  const query = new URLSearchParams(request.query as Record<string, string>);
  const perPage = Math.min(Math.max(Number(query.get('per_page') ?? 30), 1), 100);
  const page = Math.max(Number(query.get('page') ?? 1), 1);
  const last = Math.max(Math.ceil(rows.length / perPage), 1);
  const link = (to: number, rel: string) => {
    query.set('page', String(to));
    return `<${url}${request.url.split('?')[0]}?${query}>; rel="${rel}"`;
  };
  if (page < last) reply.header('link', [link(page + 1, 'next'), link(last, 'last')].join(', '));
  return reply.send(rows.slice((page - 1) * perPage, page * perPage));
}
