import helmet from '@fastify/helmet';
import type { Vitals } from '@orchestrator/shared/boot/health.ts';
import type { Database } from '@orchestrator/shared/db/client.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { observe } from '@orchestrator/shared/telemetry/record.ts';
import { fastify, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { createTokenCheck } from './authentication.ts';
import { BOARD_PATH, type BoardTransport, createBoard } from './board.ts';
import { toProblem } from './problem.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';
import { deadStageRoutes } from './routes/dead-stages.ts';
import { healthRoutes } from './routes/health.ts';
import { lessonRoutes } from './routes/lessons.ts';
import { pauseRoutes } from './routes/pauses.ts';
import { queueRoutes } from './routes/queues.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { runRoutes } from './routes/runs.ts';
import { statsRoutes } from './routes/stats.ts';
import { taskRoutes } from './routes/tasks.ts';
import { type WebhookOptions, webhookRoutes } from './routes/webhooks.ts';
import { crossSiteProblem } from './same-site.ts';

/** What the routes use. They write to Postgres only, so that they work while the queue is down. */
export interface ApiContext {
  readonly db: Database;
}

export interface AppOptions extends ApiContext {
  readonly log: Logger;
  /** For the dashboard, which reads the queues. */
  readonly transport: BoardTransport;
  /** Absent: whoever reaches the address is served. */
  readonly token: string | undefined;
  /** Served here where the process has no address for it alone. */
  readonly vitals?: Vitals | undefined;
  /** Absent: there are no webhooks. */
  readonly webhooks?: Omit<WebhookOptions, 'db'> | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route checks a signature itself: its callers have no token. */
    readonly signed?: boolean;
    /** For probes, which have no token and learn no secret. */
    readonly open?: boolean;
  }
}

const ROUTES = [
  runRoutes,
  taskRoutes,
  queueRoutes,
  repositoryRoutes,
  pauseRoutes,
  deadStageRoutes,
  lessonRoutes,
  statsRoutes,
];

/** A request holds an address or a filter, never a document. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** The HTTP API and the queue dashboard, everything behind the same authentication. Not listening yet. */
export async function buildApp({ db, log, transport, token, vitals, webhooks }: AppOptions) {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const authorized = token === undefined ? () => true : createTokenCheck(token);

  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    reply.header('cache-control', 'no-store');
    const { signed, open } = request.routeOptions.config;
    if (signed || open) return;
    if (!authorized(request.headers.authorization)) {
      reply.header('www-authenticate', 'Basic realm="AI Orchestrator", charset="UTF-8"');
      throw new AppError('API_UNAUTHORIZED');
    }
    const problem = crossSiteProblem(request, token !== undefined);
    if (problem !== null) throw new AppError('API_FORBIDDEN', { problem });
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const path = request.routeOptions.url ?? request.url.replace(/\?.*$/s, '');
    const labels = { method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) };
    observe('orchestrator_http_request_duration_seconds', labels, reply.elapsedTime / 1_000);
    const line = { method, path, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) };
    request.log[method === 'GET' ? 'debug' : 'info'](line, 'request answered');
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id);
    if (problem.status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request) => {
    throw new AppError('API_NOT_FOUND', { method: request.method, path: request.url.slice(0, 200) });
  });

  await app.register(helmet, {
    // The dashboard styles in place and asks for fonts elsewhere; it does without those.
    contentSecurityPolicy: { directives: { styleSrc: ["'self'", "'unsafe-inline'"], upgradeInsecureRequests: null } },
    // Whoever puts TLS in front says so there.
    hsts: false,
  });
  for (const routes of ROUTES) await app.register(routes, { prefix: '/api', db });
  if (vitals) await app.register(healthRoutes, { vitals });
  if (webhooks) await app.register(webhookRoutes, { db, ...webhooks });

  const board = createBoard(transport);
  app.addHook('onClose', () => board.close());
  app.get('/', (_request, reply) => reply.redirect(BOARD_PATH));
  for (const url of [BOARD_PATH, `${BOARD_PATH}/*`]) app.get(url, board.handle);
  return app;
}
