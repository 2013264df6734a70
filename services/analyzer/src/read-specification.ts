import { Specification } from '@orchestrator/shared/contracts/specification.ts';

/** The specification in a model's answer, or what is wrong with it, for the model to read. */
export function readSpecification(answer: string): { specification: Specification } | { problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(unfenced(answer));
  } catch (error) {
    return { problems: [`it is not JSON: ${(error as Error).message}`] };
  }
  const parsed = Specification.safeParse(value);
  if (parsed.success) return { specification: parsed.data };
  return {
    problems: parsed.error.issues
      .slice(0, 10)
      .map((issue) => `${issue.path.join('.') || 'the answer'}: ${issue.message}`),
  };
}

/** Servers without structured output put the JSON into a code fence, some with a sentence before it. */
function unfenced(answer: string): string {
  const fence = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(answer);
  return (fence?.[1] ?? answer).trim();
}
