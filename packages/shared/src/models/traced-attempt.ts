import { inSpan } from '../telemetry/tracing.ts';
import { type AttemptContext, type Attempted, attemptCall } from './attempt.ts';

/** One HTTP attempt as a span of its stage's. Neither question nor answer is in it. */
export function tracedAttempt(context: AttemptContext): Promise<Attempted> {
  const { model, provider, question, bound } = context;
  const { role, maxOutputTokens } = question.request;
  const values = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider.id,
    'gen_ai.request.model': model.name,
    'gen_ai.request.max_tokens': maxOutputTokens,
    'orchestrator.role': role,
    'orchestrator.bound_nano_usd': String(bound.amountNanoUsd),
  };
  return inSpan({ name: `model ${role}`, values }, async (note) => {
    const attempted = await attemptCall(context);
    const { report, reply } = attempted;
    note(
      {
        'orchestrator.result': report.result,
        ...(report.httpStatus === null ? {} : { 'http.response.status_code': report.httpStatus }),
        ...(report.usage === null ? {} : { 'gen_ai.usage.output_tokens': report.usage.output }),
        ...(report.usage === null ? {} : { 'gen_ai.usage.input_tokens': report.usage.input }),
        ...(reply === null
          ? {}
          : { 'orchestrator.call': reply.callId, 'orchestrator.cost_nano_usd': String(reply.costNanoUsd) }),
      },
      reply === null ? report.reason || report.result : undefined,
    );
    return attempted;
  });
}
