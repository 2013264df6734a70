import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { CurrentTree } from '../guard/base-files.ts';
import { cleanProse } from '../text/clean-text.ts';
import { countTokens, cutToTokens } from './count-tokens.ts';
import { readCleanText, tagTokens } from './shown-files.ts';
import { taggerFor } from './tagged.ts';

export interface RepairMessageInput {
  /** The validator's or the reviewers' words for the coder, at most 4 KB of Markdown. */
  readonly feedback: string;
  readonly previous: ChangeSet;
  /** The base commit with `previous` applied. */
  readonly tree: CurrentTree;
  readonly maxTokens: number;
}

const MAX_FEEDBACK_TOKENS = 2_000;

/** What follows a verdict that failed: the findings, and the changed files as they are now. */
export function repairMessage({ feedback, previous, tree, maxTokens }: RepairMessageInput): string {
  const findings = cutToTokens(cleanProse(feedback), Math.min(MAX_FEEDBACK_TOKENS, maxTokens));
  const files: { path: string; text: string }[] = [];
  let left = maxTokens - countTokens(findings) - 150;
  for (const change of previous.files) {
    const file = change.op === 'write' ? readCleanText(tree, change.path) : null;
    const tokens = file === null ? 0 : countTokens(file.text) + tagTokens(change.path);
    if (file === null || tokens > left) continue;
    left -= tokens;
    files.push(file);
  }
  const tagged = taggerFor([findings, ...files.flatMap((file) => [file.path, file.text])]);
  return [
    'Your change is applied, was checked, and is not accepted yet. What was found:',
    tagged('findings', findings),
    ...(files.length > 0
      ? [
          'Files as they are now, with your change applied:',
          ...files.map((file) => tagged('file', file.text, { path: file.path })),
        ]
      : []),
    'Repair the cause of these findings. Your earlier change stays in force: send a patch against the files as they are now, in the same form, with only what has to change.',
  ].join('\n\n');
}
