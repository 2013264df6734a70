import type { NanoUsd } from '../budget/money.ts';

export type Role = 'analyzer' | 'coder' | 'reviewer';

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
  /** The prefix up to and including this message stays the same in later calls: a place for a cache marker. */
  readonly cacheable?: boolean;
}

/** One question to a model. Byte-stable: the same question has the same hash. */
export interface ModelRequest {
  readonly role: Role;
  /** Of the prompt's texts, for comparing what became of it; no part of the question. */
  readonly promptVersion?: string;
  readonly system: string;
  readonly messages: readonly Message[];
  /** JSON Schema of the answer; absent: plain text. */
  readonly schema?: { readonly name: string; readonly schema: Record<string, unknown> };
  /** Lower than or equal to models.<role>.maxOutputTokens. Absent: that. */
  readonly maxOutputTokens?: number;
}

/** Token counts by price class. `input` excludes cache reads and writes. */
export interface Usage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  /** Of `output`; informational. */
  readonly reasoning: number;
}

export interface ModelReply {
  readonly callId: string;
  readonly text: string;
  /** `length`: cut at the output limit; `refusal`: the model declined. Both were billed. */
  readonly stop: 'end' | 'length' | 'refusal';
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
  readonly costNanoUsd: NanoUsd;
  /** Taken from the record of an earlier attempt: nothing was paid. */
  readonly replayed: boolean;
}

/**
 * Asks models for one stage run. Each HTTP attempt is reserved in the ledger before its first byte and settled,
 * released or forfeited after. The n-th `generate` of a stage run with the same request returns the committed reply of
 * an earlier attempt of that stage run, so a crash never pays twice for a reply that was committed.
 *
 * Throws BudgetDenied when money is lacking, and AppError MODEL_*, KEY_* otherwise.
 */
export interface ModelClient {
  generate(request: ModelRequest, signal: AbortSignal): Promise<ModelReply>;
}
