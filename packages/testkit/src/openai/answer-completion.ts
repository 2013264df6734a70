import type { Meter } from '../metering/meter.ts';
import type { PriceRow } from '../metering/price-list.ts';
import { cutToTokens } from '../metering/tokens.ts';
import type { Answer } from '../scripts/script.ts';
import type { CompletionParts } from './completion.ts';
import type { PromptTokens } from './prompt-cache.ts';

/** Turns a scripted answer into a completion within `maxTokens`, and bills it: the model worked, whatever arrives. */
export function answerCompletion(
  answer: Answer,
  given: { id: string; model: string; price: PriceRow; maxTokens: number; prompt: PromptTokens; meter: Meter },
): CompletionParts {
  const reasoningTokens = Math.min(answer.reasoningTokens ?? 0, given.maxTokens);
  const written = cutToTokens(answer.refusal ?? answer.text ?? '', given.maxTokens - reasoningTokens);
  const completionTokens = reasoningTokens + written.tokens;
  given.meter.bill(given.price, { ...given.prompt, output: completionTokens });
  return {
    id: given.id,
    createdSeconds: Math.floor(Date.now() / 1000),
    model: answer.fault?.kind === 'wrong-model' ? answer.fault.model : (given.price.snapshot ?? given.model),
    text: answer.refusal === undefined ? written.text : '',
    refusal: answer.refusal === undefined ? null : written.text,
    finish: written.cut ? 'length' : 'stop',
    prompt: given.prompt,
    completionTokens,
    reasoningTokens,
    tier: answer.fault?.kind === 'wrong-tier' ? answer.fault.tier : 'default',
    fault: answer.fault,
  };
}
