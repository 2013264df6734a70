import { expect, test } from 'vitest';
import { specificationSchema } from './specification-schema.ts';

const objects = (schema: unknown): Record<string, unknown>[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.values(schema).flatMap(objects);
  return 'properties' in schema ? [schema as Record<string, unknown>, ...inner] : inner;
};

test('every object is closed and requires all its properties, as structured output demands', () => {
  const found = objects(specificationSchema());
  expect(found).toHaveLength(4);
  for (const object of found) {
    expect(object.additionalProperties).toBe(false);
    expect(object.required).toEqual(Object.keys(object.properties as object));
  }
});

test('it holds no keyword that structured output refuses, and is the same every time', () => {
  const text = JSON.stringify(specificationSchema());
  expect(text).not.toMatch(/"(?:minLength|maxLength|pattern|minimum|maximum|maxItems|\$schema)":/);
  expect(JSON.stringify(specificationSchema())).toBe(text);
});
