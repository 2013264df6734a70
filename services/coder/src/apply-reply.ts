import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import { applyEdits, type GuardResult } from './guard/apply-edits.ts';
import type { BaseFiles } from './guard/base-files.ts';
import { GUARD_LIMITS, type GuardLimits } from './guard/limits.ts';
import { complaint, type Rejection } from './guard/rejection.ts';
import type { ParsedReply } from './reply/edit.ts';
import { parseReply } from './reply/parse-reply.ts';

export interface ReplyInput {
  /** The model's plain text. */
  readonly reply: string;
  readonly files: BaseFiles;
  /** The change set of the round before; the edits apply on top of it. */
  readonly previous: ChangeSet | null;
  readonly limits?: GuardLimits;
}

/**
 * Turns a model's reply into a change set against the base commit, whole or not at all. Pure: same input, same result;
 * reads nothing but `files`, writes nothing, never throws on any text.
 */
export function applyReply({ reply, files, previous, limits = GUARD_LIMITS }: ReplyInput): GuardResult {
  if (Buffer.byteLength(reply) > limits.maxReplyBytes) {
    return rejected([
      { path: null, hunk: null, ...complaint('TOO_LARGE', `The reply has more than ${limits.maxReplyBytes} bytes.`) },
    ]);
  }
  return applyParsed({ parsed: parseReply(reply), files, previous, limits });
}

export interface ParsedInput {
  readonly parsed: ParsedReply;
  readonly files: BaseFiles;
  readonly previous: ChangeSet | null;
  readonly limits: GuardLimits;
}

/** The same for a reply that is read already, so that the caller knows which files to fetch. */
export function applyParsed({ parsed, files, previous, limits }: ParsedInput): GuardResult {
  const unread = parsed.problems.map(
    ({ path, code, problem }): Rejection => ({ path, hunk: null, ...complaint(code, problem) }),
  );
  if (parsed.edits.length === 0 && unread.length === 0) {
    const problem = 'The reply holds no edit. Send a patch between "*** Begin Patch" and "*** End Patch".';
    return rejected([{ path: null, hunk: null, ...complaint('NO_EDIT', problem) }]);
  }
  if (parsed.edits.length === 0) return rejected(unread);
  const result = applyEdits({ files, previous, edits: parsed.edits, summary: parsed.summary, limits });
  if (unread.length === 0) return result;
  // What could not be read makes the reply incomplete, however well the rest fits.
  return result.ok ? rejected(unread) : { ...result, rejections: [...unread, ...result.rejections] };
}

const rejected = (rejections: readonly Rejection[]): GuardResult => ({ ok: false, rejections, applied: [] });
