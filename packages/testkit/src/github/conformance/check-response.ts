import { operationOf, type SentRequest } from './check-request.ts';
import { type Body, githubDescription, resolved } from './description.ts';
import { schemaErrors } from './validate-schema.ts';

/**
 * Everything in which an answer of the stand-in departs from GitHub's description. The stand-in leaves out what nobody
 * reads, so no field is required here: what is there has to be what GitHub would send. See FIELDS for what must be there.
 */
export function responseErrors(request: Pick<SentRequest, 'method' | 'path'>, status: number, body: unknown): string[] {
  const known = operationOf(request);
  // Any operation may be refused or redirected, whether its description says so or not.
  if (known === undefined || status >= 300) return [];
  const { description } = githubDescription();
  const answer = known.operation.responses[String(status)];
  if (answer === undefined) return [`status ${status} is not one of ${Object.keys(known.operation.responses)}`];
  const schema = resolved<Body>(description, answer).content?.['application/json']?.schema;
  if (schema === undefined) return body === undefined ? [] : ['a body is not expected'];
  const name = `${known.method} ${known.template} ${status}`;
  return schemaErrors(name, schema, body, 'partial').map((error) => `answer: ${error}`);
}
