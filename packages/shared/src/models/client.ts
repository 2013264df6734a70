import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Ledger } from '../budget/ledger.ts';
import type { Environment } from '../config/environment.ts';
import type { OrchestratorConfig } from '../config/schema.ts';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors/app-error.ts';
import type { AttemptContext } from './attempt.ts';
import { bookEnd } from './attempt-end.ts';
import { costBound } from './bounds.ts';
import { failureOf } from './call-failure.ts';
import { committedReply, countForfeits, type Question, recordedReply } from './call-record.ts';
import { promptVersionOf } from './prompt-version.ts';
import { PROVIDERS } from './providers/providers.ts';
import { canonicalRequest, requestHash } from './request-hash.ts';
import { type ResolvedModel, resolveModel } from './resolve-model.ts';
import { RETRY_POLICY, type RetryPolicy } from './retry-policy.ts';
import { tracedAttempt } from './traced-attempt.ts';
import type { ModelClient, ModelReply, ModelRequest } from './types.ts';

export interface ModelClientOptions {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly env: Environment;
  readonly config: Pick<OrchestratorConfig, 'models'>;
  /** Every budget that a call counts against. */
  readonly budgetIds: readonly string[];
  /** Null: a call outside of any run, whose replies are not found again. */
  readonly runId: string | null;
  readonly stageRunId: string | null;
  readonly log: Logger;
  /** For waits and the choice of model and price; what the ledger decides is decided by the database's clock. */
  readonly now?: () => Date;
  readonly policy?: Partial<RetryPolicy>;
  /** `prefer`: a reply that any earlier run got to the same question is taken, for nothing. Default off. */
  readonly recordings?: 'off' | 'prefer';
}

/** The client of one attempt of a stage run. */
export function createModelClient(options: ModelClientOptions): ModelClient {
  let asked = 0;
  return {
    generate(request, signal) {
      asked += 1;
      return answer(options, asked, request, signal);
    },
  };
}

async function answer(
  options: ModelClientOptions,
  ordinal: number,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelReply> {
  signal.throwIfAborted();
  const { db, ledger, log, runId, stageRunId } = options;
  const limits = options.config.models[request.role === 'coder' ? 'coder' : 'analyzer'];
  const canonical = canonicalRequest(
    request,
    Math.min(request.maxOutputTokens ?? limits.maxOutputTokens, limits.maxOutputTokens),
  );
  const question: Question = {
    runId,
    stageRunId,
    ordinal,
    requestHash: requestHash(canonical),
    request: canonical,
    promptVersion: promptVersionOf(request),
  };

  const committed = await committedReply(db, question);
  if (committed) {
    const { reply, result } = committed;
    // The process may have died after the record and before the booking; booking twice does nothing.
    await bookEnd(ledger, { id: reply.callId, result, cost: result === 'missing_usage' ? 'all' : reply.costNanoUsd });
    log.info({ callId: reply.callId, role: request.role }, 'model reply taken from the record');
    return reply;
  }
  const recorded = options.recordings === 'prefer' ? await recordedReply(db, question.requestHash) : null;
  return recorded ?? ask(options, question, request, signal, limits);
}

async function ask(
  options: ModelClientOptions,
  question: Question,
  request: ModelRequest,
  signal: AbortSignal,
  limits: OrchestratorConfig['models']['coder'],
): Promise<ModelReply> {
  const { db, env, config, log } = options;
  const now = options.now ?? (() => new Date());
  const policy = { ...RETRY_POLICY, ...options.policy };
  const resolved = resolveModel({
    role: request.role,
    configured: limits.model,
    onRetired: config.models.onRetired,
    now: now(),
    overrides: config.models.catalog,
  });
  report(resolved, log);
  const { model } = resolved;
  const provider = PROVIDERS[model.provider];
  if (!env[provider.keyVariable]) throw new AppError('KEY_MISSING', { variable: provider.keyVariable });

  const { system, schema, maxOutputTokens } = question.request;
  const bounded = {
    system,
    messages: question.request.messages.map((message, index) => ({
      ...message,
      cacheable: request.messages[index]?.cacheable ?? false,
    })),
    ...(schema ? { schema } : {}),
    maxOutputTokens: Math.min(maxOutputTokens, model.maxOutputTokens),
  };
  const call = { model, request: bounded, env, signal, timeoutMs: limits.timeout };
  const { countTokens } = provider;
  const bound = await costBound(model, bounded, {
    at: now(),
    ...(countTokens
      ? { countTokens: (counted) => countTokens({ ...call, request: counted, timeoutMs: COUNT_TIMEOUT_MS }) }
      : {}),
  });
  const { ledger, budgetIds } = options;
  const context: AttemptContext = { ...call, db, ledger, log, budgetIds, question, provider, bound, now };

  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    if ((await countForfeits(db, question.stageRunId)) >= policy.maxForfeits) {
      throw new AppError('MODEL_UNAVAILABLE', {
        provider: provider.name,
        reason: `${policy.maxForfeits} attempts ended without an answer and may have been billed`,
      });
    }
    const { report: seen, reply } = await tracedAttempt(context);
    if (reply) return reply;
    signal.throwIfAborted();
    const failure = failureOf(seen, { attempt, policy, provider, model, role: request.role, now: now() });
    if (failure instanceof Error) throw failure;
    await delay(failure.pauseMs, undefined, { signal });
  }
}

const COUNT_TIMEOUT_MS = 15_000;

function report({ model, replaced, ending }: ResolvedModel, log: Logger): void {
  if (replaced)
    log.warn(
      { model: model.id, replaced: replaced.id, endedAt: replaced.endedAt.toISOString() },
      'model has ended; its successor is used',
    );
  else if (ending)
    log.debug({ model: model.id, endsAt: ending.at.toISOString(), successor: ending.successor }, 'model ends soon');
}
