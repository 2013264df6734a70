import type { FastifyReply } from 'fastify';
import { deliver, type Response } from '../http/deliver.ts';
import { type Answer, type Ask, NoAnswer, type Script } from './script.ts';

/** What a vendor's server contributes: the shape of its errors and of its answers. */
export interface Dialect {
  readonly streamed: boolean;
  readonly error: (
    status: number,
    message: string,
    more?: { type?: string; code?: string; retryAfterSeconds?: number },
  ) => Response;
  /** Produces and bills the answer. */
  readonly answer: (answer: Answer) => Response;
  /** The same response with a piece in it that no JSON parser takes. */
  readonly malformed: (response: Response) => Response;
}

/** Asks the script and sends what it says, faults included. Requests that end before the model works are not billed. */
export async function replyToAsk(reply: FastifyReply, script: Script, ask: Ask, dialect: Dialect): Promise<void> {
  const answer = await Promise.resolve()
    .then(() => script(ask))
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (answer instanceof Error)
    return deliver(reply, dialect.error(answer instanceof NoAnswer ? 400 : 500, answer.message), {});

  const { fault } = answer;
  if (fault?.kind === 'status')
    return deliver(reply, dialect.error(fault.status, fault.message ?? 'Scripted error', fault), answer);
  if (fault?.kind === 'stream-error' && !dialect.streamed)
    return deliver(reply, dialect.error(529, fault.message ?? 'Overloaded', fault), answer);

  const response = dialect.answer(answer);
  const transport = fault?.kind === 'truncate' || fault?.kind === 'reset' || fault?.kind === 'hang' ? fault : undefined;
  return deliver(reply, fault?.kind === 'malformed' ? dialect.malformed(response) : response, answer, transport);
}

/** A JSON body in one chunk. */
export const jsonResponse = (status: number, body: object, headers: Readonly<Record<string, string>>): Response => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  chunks: [JSON.stringify(body)],
});

export const eventStream = (chunks: readonly string[], headers: Readonly<Record<string, string>>): Response => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers },
  chunks,
});
