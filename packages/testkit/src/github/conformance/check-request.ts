import { githubDescription, type KnownOperation } from './description.ts';
import { schemaErrors, textErrors } from './validate-schema.ts';

export interface SentRequest {
  readonly method: string;
  /** As sent, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Absent: none was sent. */
  readonly body?: unknown;
}

/** The operation that a request asks for, by GitHub's description; undefined: there is none. */
export function operationOf({ method, path }: Pick<SentRequest, 'method' | 'path'>): KnownOperation | undefined {
  return githubDescription().operations.find((known) => known.method === method && known.matches(path) !== null);
}

/** Everything in which a request departs from GitHub's own description of its API. */
export function requestErrors(request: SentRequest): string[] {
  const known = operationOf(request);
  if (known === undefined) return ['there is no such operation, or operations.ts does not name it'];
  return [...parameterErrors(request, known), ...bodyErrors(request, known)];
}

function parameterErrors({ path, query }: SentRequest, { matches, parameters, method, template }: KnownOperation) {
  const inPath = matches(path) ?? {};
  const errors = [...query.keys()]
    .filter((name) => !parameters.some((parameter) => parameter.in === 'query' && parameter.name === name))
    .map((name) => `the query parameter ${name} is not known`);
  for (const { name, in: place, required = false, schema } of parameters) {
    if (place === 'header') continue;
    const value = place === 'path' ? inPath[name] : (query.get(name) ?? undefined);
    if (value === undefined && required) errors.push(`${name} is missing`);
    if (value === undefined) continue;
    errors.push(
      ...textErrors(`${method} ${template} ${name}`, schema, value).map((error) => `${place} ${name}: ${error}`),
    );
  }
  return errors;
}

function bodyErrors({ body }: SentRequest, { operation, method, template }: KnownOperation): string[] {
  const { requestBody } = operation;
  if (body === undefined || body === null) return requestBody?.required ? ['the body is missing'] : [];
  const schema = requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) return ['a body is not expected'];
  const name = `${method} ${template}`;
  // As it stands it lets unknown fields pass, which GitHub would silently ignore.
  const unknown = schemaErrors(name, schema, body, 'partial');
  return [...new Set([...schemaErrors(name, schema, body), ...unknown])].map((error) => `body: ${error}`);
}
