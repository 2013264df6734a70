import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { ModelReply } from '@orchestrator/shared/models/types.ts';
import type { NewArtifact, Outcome } from '@orchestrator/shared/pipeline/outcome.ts';
import { defineStage, type StageContext } from '@orchestrator/shared/pipeline/stage.ts';
import { applyParsed } from './apply-reply.ts';
import { changedLines } from './changed-lines.ts';
import { toStored, withCacheMarks } from './conversation.ts';
import type { GuardResult } from './guard/apply-edits.ts';
import { GUARD_LIMITS } from './guard/limits.ts';
import { type AppliedPart, complaint, type Rejection } from './guard/rejection.ts';
import { answerRejected, openConversation } from './open-conversation.ts';
import { describeRejection, rejectionMessage } from './prompt/rejection-message.ts';
import { CODER_RULES, PROMPT_VERSION } from './prompt/rules.ts';
import { type CodingInput, readInput } from './read-input.ts';
import { changeHash } from './repeated-change.ts';
import { parseReply } from './reply/parse-reply.ts';
import { cleanProse } from './text/clean-text.ts';

/** Of a reply that was cut at the output limit: what is kept in the conversation. The rest would be paid for again. */
const KEPT_TRUNCATED_CHARS = 2_000;

/** A reply that was not taken. */
export interface RejectedReply {
  readonly callId: string;
  readonly stop: ModelReply['stop'];
  readonly rejections: readonly Rejection[];
  readonly applied: readonly AppliedPart[];
}

/** Specification (+ findings of the last verdict) -> change set. */
export const codeStage = defineStage({ stage: 'code', timeoutMs: 45 * 60_000, process: code });

async function code(context: StageContext): Promise<Outcome> {
  const input = await readInput(context);
  const rejected: RejectedReply[] = [];
  const refusedTexts = new Set<string>();
  let messages = openConversation(input);
  for (let attempt = 0; attempt <= context.config.pipeline.maxEditRetries; attempt++) {
    context.progress(
      attempt === 0
        ? 'writing the change'
        : `correcting a reply that does not apply (${attempt} of ${context.config.pipeline.maxEditRetries})`,
    );
    const reply = await context.models.generate(
      { role: 'coder', promptVersion: PROMPT_VERSION, system: CODER_RULES, messages: withCacheMarks(messages) },
      context.signal,
    );
    if (reply.stop === 'refusal') return refused(reply, rejected);
    const result = await take(context, input, reply);
    if (result.ok && input.earlierChanges.has(changeHash(result.changeSet))) return repeated(rejected);
    if (result.ok)
      return coded(
        context,
        input,
        result.changeSet,
        [...messages, { role: 'assistant', content: reply.text }],
        rejected,
      );
    rejected.push({ callId: reply.callId, stop: reply.stop, rejections: result.rejections, applied: result.applied });
    context.log.info(
      { attempt, rejections: result.rejections.map(({ path, hunk, code }) => ({ path, hunk, code })) },
      'reply not applied',
    );
    if (result.rejections.some((rejection) => rejection.code === 'SAME_CHANGE')) return repeated(rejected);
    // What was not mended by being told what is wrong is not paid for again.
    if (refusedTexts.has(reply.text)) break;
    refusedTexts.add(reply.text);
    messages = answerRejected(input, messages, kept(reply), rejectionMessage(result.rejections, result.applied));
  }
  return exhausted(rejected);
}

async function take(context: StageContext, input: CodingInput, reply: ModelReply): Promise<GuardResult> {
  if (reply.stop === 'length') {
    const problem = `The reply was cut at the limit of ${context.config.models.coder.maxOutputTokens} output tokens.`;
    return { ok: false, rejections: [{ path: null, hunk: null, ...complaint('TRUNCATED', problem) }], applied: [] };
  }
  const parsed = parseReply(reply.text);
  await input.files.load(
    parsed.edits.flatMap((edit) =>
      edit.kind === 'update' && edit.moveTo !== null ? [edit.path, edit.moveTo] : [edit.path],
    ),
  );
  return applyParsed({ parsed, files: input.files, previous: input.previous, limits: GUARD_LIMITS });
}

function coded(
  context: StageContext,
  { files, previous, specification }: CodingInput,
  applied: Extract<GuardResult, { ok: true }>['changeSet'],
  messages: Parameters<typeof toStored>[0],
  rejected: readonly RejectedReply[],
): Outcome {
  // The change is cumulative: what the first round said of it describes it better than what a repair says of itself.
  const changeSet = { ...applied, summary: previous?.summary || cleanProse(applied.summary) || specification.summary };
  const lines = changedLines(changeSet, files);
  context.log.info({ files: changeSet.files.length, ...lines, retries: rejected.length }, 'change set ready');
  return {
    kind: 'advance',
    artifacts: [
      { kind: 'change_set', content: { ...changeSet, conversation: toStored(messages) } },
      ...rejections(rejected),
    ],
    events: [{ type: 'run.coded', data: { files: changeSet.files.length, ...lines, retries: rejected.length } }],
  };
}

function refused(reply: ModelReply, rejected: readonly RejectedReply[]): Outcome {
  const reason = reply.text.trim().slice(0, 300) || 'no reason given';
  const error = new AppError('MODEL_REFUSED', { model: reply.model, reason });
  return { kind: 'fail', code: error.code, message: error.message, artifacts: rejections(rejected) };
}

function exhausted(rejected: readonly RejectedReply[]): Outcome {
  const last = rejected.at(-1)?.rejections ?? [];
  const more = last.length > 1 ? ` (and ${last.length - 1} more)` : '';
  const error = new AppError('EDIT_REJECTED', {
    problem: last[0] === undefined ? 'no reply' : describeRejection(last[0]) + more,
  });
  return { kind: 'reject', code: error.code, message: error.message, artifacts: rejections(rejected) };
}

/** An earlier round had the very same change: what was found then would be found again. */
function repeated(rejected: readonly RejectedReply[]): Outcome {
  const error = new AppError('NO_PROGRESS', { what: 'The same change' });
  return { kind: 'reject', code: error.code, message: error.message, artifacts: rejections(rejected) };
}

const rejections = (replies: readonly RejectedReply[]): NewArtifact[] =>
  replies.length === 0 ? [] : [{ kind: 'rejections', content: { replies } }];

function kept(reply: ModelReply): string {
  if (reply.text.trim() === '') return '(empty reply)';
  return reply.stop === 'length' && reply.text.length > KEPT_TRUNCATED_CHARS
    ? `${reply.text.slice(0, KEPT_TRUNCATED_CHARS)}\n[cut here]`
    : reply.text;
}
