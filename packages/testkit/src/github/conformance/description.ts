import { readFileSync } from 'node:fs';

/** The parts of an OpenAPI 3.0 description that are looked at. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
  /** GitHub's own: its value may hold slashes. */
  readonly 'x-multi-segment'?: boolean;
}
export interface Body {
  readonly required?: boolean;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
export interface Operation {
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body | Reference>>;
}
export interface Reference {
  readonly $ref: string;
}
export interface Description {
  readonly source: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** What is sent where, as the description has it. */
export interface KnownOperation {
  readonly method: string;
  /** With {placeholders}. */
  readonly template: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
  readonly matches: (path: string) => Readonly<Record<string, string>> | null;
}

let read: { readonly description: Description; readonly operations: readonly KnownOperation[] } | undefined;

/** GitHub's own description of its REST API, as far as operations.ts names it. Read once a process. */
export function githubDescription() {
  read ??= load();
  return read;
}

function load() {
  const file = new URL('fixtures/github-rest.json', import.meta.url);
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const operations = Object.entries(description.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]): KnownOperation => {
      const parameters = (operation.parameters ?? []).map((parameter) => resolved<Parameter>(description, parameter));
      return {
        method: method.toUpperCase(),
        template,
        operation,
        parameters,
        matches: matcherOf(template, parameters),
      };
    }),
  );
  // /labels/{name} and /labels: the one with more letters of its own says more.
  const letters = ({ template }: KnownOperation) => template.replace(/\{[^}]+\}/g, '').length;
  return { description, operations: operations.sort((a, b) => letters(b) - letters(a)) };
}

export function resolved<T>(description: Description, value: T | Reference): T {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value as T;
  const [, , kind = '', name = ''] = (value as Reference).$ref.split('/');
  return description.components[kind]?.[name] as T;
}

function matcherOf(template: string, parameters: readonly Parameter[]) {
  const names: string[] = [];
  const pattern = template
    .split(/(\{[^}]+\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const name = part.slice(1, -1);
      names.push(name);
      return parameters.find((parameter) => parameter.name === name)?.['x-multi-segment'] ? '(.+)' : '([^/]+)';
    })
    .join('');
  const expression = new RegExp(`^${pattern}$`);
  return (path: string) => {
    const found = expression.exec(path);
    return found && Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1] as string)]));
  };
}
