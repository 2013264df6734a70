import type { NanoUsd } from '../budget/money.ts';
import type { Database } from '../db/client.ts';
import type { Prisma } from '../db/generated/client.ts';
import type { SeenResult } from './outcomes.ts';
import type { CallReport } from './providers/provider.ts';
import { type CanonicalRequest, storable } from './request-hash.ts';
import type { ModelReply, Usage } from './types.ts';

/** Where a question stands: the n-th of a stage run, with this content. */
export interface Question {
  readonly runId: string | null;
  readonly stageRunId: string | null;
  readonly ordinal: number;
  readonly requestHash: string;
  readonly request: CanonicalRequest;
  /** Null: the asker names none. */
  readonly promptVersion: string | null;
}

/** Writes the row of an attempt before anything is reserved or sent. Its id is the ledger's attempt id. */
export async function recordAttempt(
  db: Database,
  question: Question,
  attempt: { id: string; provider: string; model: string; reservedNanoUsd: NanoUsd },
): Promise<void> {
  const { request, ...place } = question;
  await db.modelCall.create({
    data: { ...place, ...attempt, role: request.role, request: request as unknown as Prisma.InputJsonObject },
    select: { id: true },
  });
}

/** The ledger denied the attempt: it never was. */
export async function forgetAttempt(db: Database, id: string): Promise<void> {
  await db.modelCall.deleteMany({ where: { id, state: 'reserved' } });
}

/** How an attempt ended. `answer`: what the caller may still be given, now or by a later attempt of its stage run. */
export interface AttemptEnd {
  readonly state: 'committed' | 'released' | 'forfeited';
  readonly costNanoUsd: NanoUsd;
  readonly usage: Usage | null;
  readonly latencyMs: number;
  readonly report: CallReport;
}

export async function recordEnd(db: Database, id: string, end: AttemptEnd): Promise<void> {
  const { report } = end;
  await db.modelCall.update({
    where: { id },
    data: {
      state: end.state,
      costNanoUsd: end.costNanoUsd,
      latencyMs: end.latencyMs,
      vendorRequestId: report.vendorRequestId,
      endedAt: new Date(),
      ...(end.state === 'committed' ? { response: { text: storable(report.text), result: report.result } } : {}),
      ...(end.usage ? { usage: { ...end.usage } } : {}),
      ...(report.reason === ''
        ? {}
        : { error: { result: report.result, status: report.httpStatus, reason: storable(report.reason) } }),
    },
    select: { id: true },
  });
}

/** A reply of the record, and what its attempt ended in. */
export interface RecordedReply {
  readonly reply: ModelReply;
  readonly result: SeenResult;
}

/** A committed reply to this very question in this stage run; null where there is none. */
export function committedReply(db: Database, question: Question): Promise<RecordedReply | null> {
  const { stageRunId, ordinal, requestHash } = question;
  return stageRunId === null ? Promise.resolve(null) : findReply(db, { stageRunId, ordinal, requestHash });
}

/** The latest committed reply to the same question in any run: a recording. It costs nothing. */
export async function recordedReply(db: Database, requestHash: string): Promise<ModelReply | null> {
  const found = await findReply(db, { requestHash });
  return found && { ...found.reply, costNanoUsd: 0n };
}

async function findReply(db: Database, where: Prisma.ModelCallWhereInput): Promise<RecordedReply | null> {
  const row = await db.modelCall.findFirst({ where: { ...where, state: 'committed' }, orderBy: { endedAt: 'desc' } });
  if (!row) return null;
  const response = row.response as { text: string; result: SeenResult };
  const reply: ModelReply = {
    callId: row.id,
    text: response.text,
    stop: stopOf(response.result),
    provider: row.provider,
    model: row.model,
    usage: row.usage as unknown as Usage,
    costNanoUsd: row.costNanoUsd,
    replayed: true,
  };
  return { reply, result: response.result };
}

export function stopOf(result: SeenResult): ModelReply['stop'] {
  if (result === 'truncated') return 'length';
  return result === 'refusal' ? 'refusal' : 'end';
}

/** Attempts of a stage run that may each have cost a full reservation. */
export async function countForfeits(db: Database, stageRunId: string | null): Promise<number> {
  return stageRunId === null ? 0 : db.modelCall.count({ where: { stageRunId, state: 'forfeited' } });
}
