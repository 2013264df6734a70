import type { Message } from '@orchestrator/shared/models/types.ts';
import { z } from 'zod';
import { PROMPT_VERSION } from './prompt/rules.ts';

/**
 * What was said so far, kept beside the change set so that the next round goes on where this one ended: earlier messages
 * are never rewritten, which keeps the vendors' prompt caches warm.
 */
export const StoredConversation = z.object({
  promptVersion: z.string(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string() })),
});
export type StoredConversation = z.infer<typeof StoredConversation>;

/** The messages of the round before; empty where there are none, or where they followed other rules. */
export function storedMessages(changeSetArtifact: unknown): Message[] {
  const stored = z.object({ conversation: StoredConversation }).safeParse(changeSetArtifact);
  return stored.success && stored.data.conversation.promptVersion === PROMPT_VERSION
    ? stored.data.conversation.messages
    : [];
}

export function toStored(messages: readonly Message[]): StoredConversation {
  return { promptVersion: PROMPT_VERSION, messages: messages.map(({ role, content }) => ({ role, content })) };
}

/** Marks the end of the conversation as the place up to which a vendor may cache. */
export function withCacheMarks(messages: readonly Message[]): Message[] {
  return messages.map((message, i) =>
    message.role === 'user' && (i === 0 || i === messages.length - 1) ? { ...message, cacheable: true } : message,
  );
}
