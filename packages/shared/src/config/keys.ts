import { z } from 'zod';
import { OrchestratorConfig } from './schema.ts';

/** One key of orchestrator.yaml, as documents and messages name it: `budget.phases[].every`. */
export interface ConfigKey {
  readonly key: string;
  readonly type: string;
  /** As it would be written in YAML, on one line; undefined: there is none. */
  readonly default: string | undefined;
  readonly description: string;
  /** A section of keys, rather than a value. */
  readonly section: boolean;
}

interface JsonSchema {
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** JSON Schema (draft 2020-12) of orchestrator.yaml, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'orchestrator.yaml', ...z.toJSONSchema(OrchestratorConfig, { io: 'input' }) };
}

let cached: readonly ConfigKey[] | undefined;

/** Every key, in the order of the schema; sections and lists come before what they hold. */
export function configKeys(): readonly ConfigKey[] {
  cached ??= walk(configJsonSchema() as JsonSchema, '');
  return cached;
}

function walk(schema: JsonSchema, prefix: string): ConfigKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const row: ConfigKey = {
      key,
      type: typeOf(value),
      default: value.default === undefined || value.properties ? undefined : JSON.stringify(value.default),
      description: value.description ?? '',
      section: value.properties !== undefined,
    };
    return [row, ...walk(value, key), ...(value.items?.properties ? walk(value.items, `${key}[]`) : [])];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.title) return schema.title;
  if (schema.enum) return schema.enum.length > 5 ? 'name' : schema.enum.map(String).join(' or ');
  if (schema.properties) return 'section';
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => WORDS[type] ?? type).join(' or ');
  const type = String(schema.type);
  if (type === 'array') return `list of ${schema.items?.properties ? 'sections' : plural(typeOf(schema.items ?? {}))}`;
  return `${WORDS[type] ?? type}${range(schema)}`;
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};

const plural = (type: string): string =>
  type
    .replace(/^whole number/, 'whole numbers')
    .replace(/^name$/, 'names')
    .replace(/^text or list of text$/, 'commands');

function range({ minimum, maximum }: JsonSchema): string {
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (minimum !== undefined && high !== undefined) return `, ${minimum} to ${high}`;
  return minimum === undefined ? '' : `, at least ${minimum}`;
}
