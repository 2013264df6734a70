import { type Answer, healthAnswer, type Vitals } from '@orchestrator/shared/boot/health.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';

const send = (reply: FastifyReply, { status, contentType, body }: Answer) =>
  reply.code(status).type(contentType).send(body);

/** What a service answers at its own address, for a process that has none. Only the metrics need the token. */
export async function healthRoutes(app: FastifyInstance, { vitals }: { readonly vitals: Vitals }): Promise<void> {
  for (const path of ['/healthz', '/readyz'] as const)
    app.get(path, { config: { open: true } }, async (_, reply) => send(reply, await healthAnswer(path, vitals)));
  app.get('/metrics', async (_, reply) => send(reply, await healthAnswer('/metrics', vitals)));
}
