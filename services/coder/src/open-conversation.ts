import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import type { Message } from '@orchestrator/shared/models/types.ts';
import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';
import type { CurrentTree } from './guard/base-files.ts';
import { countTokens } from './prompt/count-tokens.ts';
import { firstMessage } from './prompt/first-message.ts';
import { repairMessage } from './prompt/repair-message.ts';
import { CODER_RULES } from './prompt/rules.ts';

export interface ConversationInput {
  readonly task: TaskView;
  readonly specification: Specification;
  readonly signatures: readonly { readonly path: string; readonly text: string }[];
  readonly lessons: string;
  /** The base commit with `previous` applied. */
  readonly tree: CurrentTree;
  readonly previous: ChangeSet | null;
  /** The last verdict's words for the coder; null in the first round. */
  readonly feedback: string | null;
  /** What was said in the earlier rounds. */
  readonly earlier: readonly Message[];
  readonly maxInputTokens: number;
}

/** Of the input limit: what the first message may take. The rest is for replies and what answers them. */
const FIRST_SHARE = 0.75;
/** However narrow the configured limit: with less than this nothing can be asked. */
const MIN_FIRST_TOKENS = 1_000;
/** With less room than this a conversation begins anew. */
const MIN_REPAIR_TOKENS = 1_000;

/** The messages to ask with: the first question, or the earlier conversation with the verdict's findings appended. */
export function openConversation(input: ConversationInput): Message[] {
  const { previous, feedback, earlier, tree, maxInputTokens } = input;
  if (previous === null || feedback === null) return startAnew(input);
  const room = maxInputTokens - tokensOf(earlier);
  if (earlier.at(-1)?.role !== 'assistant' || room < MIN_REPAIR_TOKENS) return startAnew(input);
  return [...earlier, { role: 'user', content: repairMessage({ feedback, previous, tree, maxTokens: room }) }];
}

/** The question with the files as they are now, and `notice` (why the last reply was not taken) at its end. */
export function startAnew(
  { task, specification, signatures, lessons, tree, previous, feedback, maxInputTokens }: ConversationInput,
  notice?: string,
): Message[] {
  const besides = countTokens(CODER_RULES) + (notice === undefined ? 0 : countTokens(notice));
  const room = Math.max(MIN_FIRST_TOKENS, Math.floor(maxInputTokens * FIRST_SHARE) - besides);
  const changed = previous?.files.map((file) => file.path) ?? [];
  const question = firstMessage({ task, specification, signatures, lessons, tree, changed, maxTokens: room });
  // The files above show the change already, so only the findings follow.
  const findings =
    previous === null || feedback === null
      ? []
      : [repairMessage({ feedback, previous: { ...previous, files: [] }, tree, maxTokens: MIN_REPAIR_TOKENS })];
  return [
    {
      role: 'user',
      content: [question, ...findings, ...(notice === undefined ? [] : [`You answered this before. ${notice}`])].join(
        '\n\n',
      ),
    },
  ];
}

/** Adds a reply that could not be applied and what is wrong with it; begins anew where both no longer fit. */
export function answerRejected(
  input: ConversationInput,
  messages: readonly Message[],
  reply: string,
  notice: string,
): Message[] {
  const next: Message[] = [...messages, { role: 'assistant', content: reply }, { role: 'user', content: notice }];
  return tokensOf(next) <= input.maxInputTokens ? next : startAnew(input, notice);
}

function tokensOf(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + countTokens(message.content) + 4, countTokens(CODER_RULES));
}
