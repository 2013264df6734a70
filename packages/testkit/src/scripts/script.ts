import type { TransportFault } from '../http/deliver.ts';

/** A question as a model server received it, in the words of neither vendor. */
export interface Ask {
  readonly vendor: 'anthropic' | 'openai';
  readonly model: string;
  readonly system: string;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
  /** The JSON Schema that the answer has to follow; null: plain text. */
  readonly schema: Record<string, unknown> | null;
  readonly maxOutputTokens: number;
  /** 1 for the first question that this server received. */
  readonly number: number;
}

/** What goes wrong instead of, or on top of, a good answer. */
export type Fault =
  | TransportFault
  /** An HTTP error before the first byte of an answer. `type` and `message` have the vendor's usual values by default. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly type?: string;
      readonly code?: string;
      readonly message?: string;
    }
  /** 200, and a body that is not JSON. */
  | { readonly kind: 'malformed' }
  /** 200, the beginning of an answer, then an error event; without streaming the same as its status. */
  | { readonly kind: 'stream-error'; readonly type: string; readonly message?: string }
  | { readonly kind: 'missing-usage' }
  /** The answer says that another model, service tier, speed or region gave it. The last two only Anthropic tells. */
  | { readonly kind: 'wrong-model'; readonly model: string }
  | { readonly kind: 'wrong-tier'; readonly tier: string }
  | { readonly kind: 'wrong-speed'; readonly speed: string }
  | { readonly kind: 'wrong-region'; readonly region: string };

export interface Answer {
  /** Absent: empty. Cut at the output limit of the request, as the vendors do. */
  readonly text?: string;
  /** `refusal`: the model declines; `text` is then what it wrote before. */
  readonly refusal?: string;
  /** Tokens spent on thinking before the text; billed as output. */
  readonly reasoningTokens?: number;
  readonly fault?: Fault;
  readonly latencyMs?: number;
  readonly chunkDelayMs?: number;
}

export type Script = (ask: Ask) => Answer | Promise<Answer>;

/** Thrown by a script that has no answer: the server says 400 with this message. */
export class NoAnswer extends Error {}

/** Answers in order; the last one is repeated. */
export function inOrder(...answers: readonly Answer[]): Script {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    if (!answer) throw new NoAnswer('The script holds no answer.');
    return answer;
  };
}
