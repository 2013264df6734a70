import type { BilledTokens, Meter } from '../metering/meter.ts';
import type { PriceRow } from '../metering/price-list.ts';
import { cutToTokens } from '../metering/tokens.ts';
import type { Answer } from '../scripts/script.ts';
import type { MessageParts } from './message.ts';
import { claudeTokens } from './prompt-cache.ts';

/** Turns a scripted answer into a message within `maxTokens`, and bills it: the model worked, whatever arrives. */
export function answerMessage(
  answer: Answer,
  given: {
    id: string;
    model: string;
    price: PriceRow;
    maxTokens: number;
    input: Omit<BilledTokens, 'output'>;
    meter: Meter;
  },
): MessageParts {
  const thinkingTokens = Math.min(answer.reasoningTokens ?? 0, given.maxTokens);
  const left = given.maxTokens - thinkingTokens;
  const wanted = answer.text ?? '';
  const fits = claudeTokens(wanted) <= left;
  // A token of the server's count is up to 1.15 tokens of the bill.
  const text = fits ? wanted : cutToTokens(wanted, Math.floor(left / 1.15)).text;
  const tokens = { ...given.input, output: Math.max(1, fits ? thinkingTokens + claudeTokens(text) : given.maxTokens) };
  given.meter.bill(given.price, tokens);
  return {
    id: given.id,
    model: answer.fault?.kind === 'wrong-model' ? answer.fault.model : (given.price.snapshot ?? given.model),
    text,
    stop: answer.refusal !== undefined ? 'refusal' : fits ? 'end_turn' : 'max_tokens',
    refusal: answer.refusal ?? null,
    tokens,
    thinkingTokens,
    tier: answer.fault?.kind === 'wrong-tier' ? answer.fault.tier : 'standard',
    fault: answer.fault,
  };
}
