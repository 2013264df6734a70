import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Specification } from '@orchestrator/shared/contracts/specification.ts';
import { AppError } from '@orchestrator/shared/errors/app-error.ts';
import type { ModelClient, ModelReply, ModelRequest } from '@orchestrator/shared/models/types.ts';
import type { TreeFile } from '@orchestrator/shared/repo/mirror.ts';
import { checkPaths } from './check-paths.ts';
import { askedAgain } from './prompt/analyzer-request.ts';
import { readSpecification } from './read-specification.ts';

export interface AskOptions {
  readonly models: ModelClient;
  readonly request: ModelRequest;
  readonly tree: readonly TreeFile[];
  readonly config: Pick<OrchestratorConfig, 'models' | 'validate'>;
  readonly signal: AbortSignal;
}

/**
 * A specification whose paths fit the base commit. An answer that cannot be used, or that names files that are not
 * there, is asked again once with what is wrong. Throws MODEL_REFUSED, MODEL_TRUNCATED, MODEL_REPLY_INVALID.
 */
export async function askSpecification({
  models,
  request,
  tree,
  config,
  signal,
}: AskOptions): Promise<{ specification: Specification; notes: readonly string[] }> {
  const ask = async (question: ModelRequest) => {
    const reply = await models.generate(question, signal);
    refuseCutReply(reply, config);
    const read = readSpecification(reply.text);
    return {
      reply,
      checked:
        'problems' in read
          ? { ...read, dropped: [] }
          : checkPaths(read.specification, tree, config.validate.protectedPaths),
    };
  };

  let answer = await ask(request);
  const complaints = [...answer.checked.problems, ...answer.checked.dropped];
  if (complaints.length > 0) answer = await ask(askedAgain(request, answer.reply.text, complaints));

  const { reply, checked } = answer;
  if (checked.problems.length > 0 || !('specification' in checked)) {
    throw new AppError('MODEL_REPLY_INVALID', { model: nameOf(reply), problem: checked.problems.join('; ') });
  }
  return { specification: checked.specification, notes: checked.dropped };
}

function refuseCutReply(reply: ModelReply, config: AskOptions['config']): void {
  if (reply.stop === 'refusal')
    throw new AppError('MODEL_REFUSED', {
      model: nameOf(reply),
      reason: reply.text.trim().slice(0, 300) || 'it gave no reason',
    });
  if (reply.stop === 'length')
    throw new AppError('MODEL_TRUNCATED', {
      model: nameOf(reply),
      role: 'analyzer',
      maxOutputTokens: config.models.analyzer.maxOutputTokens,
    });
}

const nameOf = (reply: ModelReply): string => `${reply.provider}/${reply.model}`;
