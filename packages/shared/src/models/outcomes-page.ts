import { type CallResult, OUTCOMES, outcomeOf } from './outcomes.ts';
import { RETRY_POLICY } from './retry-policy.ts';

/** docs/model-outcomes.md, written from the table. */
export function outcomesPage(): string {
  const rows = (Object.keys(OUTCOMES) as CallResult[]).map((result) => {
    const { when, money, freezes, next, error } = outcomeOf(result);
    return `| \`${result}\` | ${when} | ${money}${freezes ? ', freeze' : ''} | ${next} | ${error ? `\`${error}\`` : ''} |`;
  });
  const { maxAttempts, maxForfeits, maxInlineWaitMs, parkMs } = RETRY_POLICY;
  return [
    '# What becomes of a model call',
    '',
    'Every HTTP request to a model vendor has a reservation of its own in the ledger, made before its first byte. This table says what each result means for the money that was reserved and for the question that was asked. It is written from `packages/shared/src/models/outcomes.ts`, which the client acts by.',
    '',
    '- **settle**: the exact cost is charged. **release**: the vendor did no work, nothing is charged. **forfeit**: what it cost is not known, so the most that it can have cost is charged. **freeze**: besides, nothing more is spent from the windows of the call until they end or a person has looked at it (`orchestrator budget thaw`).',
    '- **reply**: the caller gets the answer. **retry**: the question is asked again. **wait**: as retry, after the time that the vendor names. **park**: the stage waits without a worker until a person has put right what the error names. **fail**: the stage gets the error. **stop**: nobody wants the answer any more.',
    '',
    '| Result | When | Money | Next | Error |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `A question is tried ${maxAttempts} times at most. A wait of more than ${maxInlineWaitMs / 1000} seconds parks the stage until its end, and so does the last try where the attempts were released: for ${parkMs / 1000} seconds where the vendor names no time. After ${maxForfeits} forfeited attempts a stage run asks no more: it fails with the error, because every further try would cost a full reservation.`,
    '',
  ].join('\n');
}
