import type { Environment } from '../../config/environment.ts';
import type { BoundedRequest } from '../bounds.ts';
import type { Model } from '../catalog.ts';
import type { SeenResult } from '../outcomes.ts';
import type { Usage } from '../types.ts';

/** One HTTP attempt. */
export interface ProviderCall {
  readonly model: Model;
  readonly request: BoundedRequest;
  readonly env: Environment;
  /** The attempt is over after this time. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What an attempt ended in. */
export interface CallReport {
  readonly result: SeenResult;
  /** The answer; of a refusal, what the model said about it. */
  readonly text: string;
  /** Exact and final; null where it is not known. */
  readonly usage: Usage | null;
  /** Exact, of a call that ended too early for its output to be known. */
  readonly input: Omit<Usage, 'output' | 'reasoning'> | null;
  readonly httpStatus: number | null;
  /** What the vendor asks for; null where it names no time. */
  readonly retryAfterMs: number | null;
  /** Why there is no answer, without secrets; empty where there is one. */
  readonly reason: string;
  readonly vendorRequestId: string | null;
}

/** A model that the vendor lists for this key. */
export interface ListedModel {
  readonly name: string;
  readonly shutdownAt: string | null;
}

/** A vendor of models. Its file is the only one that imports the vendor's SDK. */
export interface Provider {
  readonly id: Model['provider'];
  readonly name: string;
  readonly keyVariable: 'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY';
  /** Sends exactly one HTTP request and reads its answer. Never throws: every way to end is a result. */
  readonly call: (call: ProviderCall) => Promise<CallReport>;
  /** The vendor's own count of the input tokens, free of charge. Absent where there is none. Throws on any failure. */
  readonly countTokens?: (call: ProviderCall) => Promise<number>;
  /** The models that the vendor lists. Throws on any failure. */
  readonly listModels: (given: {
    readonly env: Environment;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }) => Promise<readonly ListedModel[]>;
}

export const defineProvider = (provider: Provider): Provider => provider;
