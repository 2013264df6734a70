import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Description, githubDescription } from './description.ts';

/** `exact`: as it stands. `partial`: nothing is required, and nothing may be there that the schema does not name. */
export type Strictness = 'exact' | 'partial';

const compiled = new Map<string, ValidateFunction>();
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, coerceTypes: false });
/** Values in a path or a query are text. */
const ajvForText = new Ajv({ strict: false, allErrors: true, validateFormats: false, coerceTypes: 'array' });

/** What is wrong with a value by a schema of the description; empty: nothing. `name` is unique to the schema. */
export function schemaErrors(name: string, schema: object, value: unknown, strictness: Strictness = 'exact'): string[] {
  return errorsOf(compile(ajv, `${strictness} ${name}`, schema, strictness), value);
}

/** The same for text of a path or a query. */
export function textErrors(name: string, schema: object, value: string): string[] {
  // Coercing replaces the value in its parent.
  return errorsOf(compile(ajvForText, `text ${name}`, { properties: { value: schema } }, 'exact'), { value });
}

function errorsOf(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map(spell);
}

const spell = ({ instancePath, message = '', params }: ErrorObject): string =>
  `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;

/** `nullable` of OpenAPI 3.0 in the words of JSON Schema: null goes, whatever else the schema asks for. */
const withNull = <T>(schema: T): T =>
  JSON.parse(JSON.stringify(schema), (_, value) => (isNullable(value) ? orNull(value) : value));

const isNullable = (value: unknown): value is { readonly nullable: true } =>
  typeof value === 'object' && value !== null && 'nullable' in value && value.nullable === true;

const orNull = ({ nullable: _, ...rest }: { readonly nullable: true }) => ({ anyOf: [rest, { type: 'null' }] });

function compile(by: Ajv, name: string, schema: object, strictness: Strictness): ValidateFunction {
  const found = compiled.get(name);
  if (found) return found;
  const { description } = githubDescription();
  const whole = withNull({ ...schema, components: { schemas: neededBy(description, schema) } });
  const validate = by.compile(strictness === 'partial' ? partial(whole) : whole);
  compiled.set(name, validate);
  return validate;
}

/** The schemas that one refers to, by way of others too: compiling all of them would take long. */
function neededBy({ components }: Description, schema: object): Record<string, object> {
  const needed: Record<string, object> = {};
  const waiting: object[] = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [, name = ''] of JSON.stringify(next).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      const found = components.schemas?.[name];
      if (found === undefined || name in needed) continue;
      needed[name] = found;
      waiting.push(found);
    }
  }
  return needed;
}

/**
 * The schema without its demands: nothing is required, so that several of a choice may fit, and no other properties than
 * those that it names may be there. Parts of a whole are judged together, and stay open.
 */
function partial<T>(schema: T, place: 'schema' | 'map' | 'part' = 'schema'): T {
  if (Array.isArray(schema)) return schema.map((item) => partial(item, place === 'part' ? 'part' : 'schema')) as T;
  if (schema === null || typeof schema !== 'object') return schema;
  const result: object = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => place === 'map' || key !== 'required')
      .map(([key, value]) => {
        if (place === 'map') return [key, partial(value)];
        if (key === 'properties' || key === 'schemas') return [key, partial(value, 'map')];
        if (key === 'oneOf') return ['anyOf', partial(value)];
        return [key, partial(value, key === 'allOf' ? 'part' : 'schema')];
      }),
  );
  const closes = place === 'schema' && 'properties' in result && !('additionalProperties' in result);
  return (closes ? { ...result, additionalProperties: false } : result) as T;
}
