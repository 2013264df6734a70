import { within } from '@orchestrator/shared/boot/within.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import { QUEUES } from '@orchestrator/shared/pipeline/machine.ts';
import type { Transport } from '@orchestrator/shared/queue/transport.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export const BOARD_PATH = '/queues';

export type BoardTransport = Pick<Transport, 'inspect' | 'hasMark'>;

/** The library waits without end for a backend that is away. */
const ANSWER_LIMIT_MS = 3_000;

export interface Board {
  /** Answers a request below BOARD_PATH that has been authenticated. Throws QUEUE_UNAVAILABLE. */
  handle(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  close(): Promise<void>;
}

/**
 * Bull Board, which shows the messages of the queues; it never changes one, because what they are hints about is in
 * Postgres. Loaded at the first request: it brings a template engine and a second copy of BullMQ with it.
 */
export function createBoard(transport: BoardTransport): Board {
  let opening: Promise<FastifyInstance> | undefined;
  return {
    async handle(request, reply) {
      await answers(transport);
      opening ??= open(transport);
      const board = await opening.catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      // The board's own server writes the answer; the headers set so far go with it.
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.hijack();
      board.routing(request.raw, reply.raw);
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

/** Throws QUEUE_UNAVAILABLE where the backend does not answer a question soon. */
const answers = (transport: BoardTransport): Promise<boolean> =>
  within(
    ANSWER_LIMIT_MS,
    () => transport.hasMark('dashboard'),
    () => {
      throw new AppError('QUEUE_UNAVAILABLE', { reason: 'no answer' });
    },
  );

async function open(transport: BoardTransport): Promise<FastifyInstance> {
  const [{ fastify }, { createBullBoard }, { BullMQAdapter }, { FastifyAdapter }] = await Promise.all([
    import('fastify'),
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/fastify'),
  ]);
  const serverAdapter = new FastifyAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: QUEUES.map(
      (name) =>
        new BullMQAdapter(transport.inspect(name) as ConstructorParameters<typeof BullMQAdapter>[0], {
          readOnlyMode: true,
        }),
    ),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'AI Orchestrator', hideRedisDetails: true } },
  });
  const board = fastify({ logger: false });
  await board.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH });
  await board.ready();
  return board;
}
