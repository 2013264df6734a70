import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../errors/errors.ts';
import { EXIT_CODES } from '../errors/exit-codes.ts';
import { errorReference, exitCodeReference } from '../errors/reference.ts';
import { ENVIRONMENT_KEYS, SECRETS } from './environment.ts';
import { configKeys } from './keys.ts';
import { configReference, environmentReference } from './reference.ts';
import { OrchestratorConfig } from './schema.ts';

const doc = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const firstCells = (text: string, block: string): string[] => {
  const table = text.split(`<!-- ${block}:begin -->`)[1]?.split(`<!-- ${block}:end -->`)[0] ?? '';
  return [...table.matchAll(/^\| `?([^`|]+?)`? \|/gm)].map((match) => match[1] as string).slice(2);
};
const HINT = 'The document is out of date: run `node scripts/write-reference.ts`.';

describe('docs/configuration.md', () => {
  const text = doc('configuration.md');

  it('lists every key of orchestrator.yaml with its type, default and meaning, and no other', () => {
    expect(text.includes(configReference()), HINT).toBe(true);
    const documented = firstCells(text, 'config');
    expect(documented).toEqual(expect.arrayContaining(leaves(OrchestratorConfig.parse({}))));
    expect(configKeys().map(({ key }) => key)).toEqual(expect.arrayContaining(documented));
  });

  it('lists every environment variable, and no other', () => {
    expect(text.includes(environmentReference()), HINT).toBe(true);
    expect(firstCells(text, 'environment')).toEqual(ENVIRONMENT_KEYS);
    for (const secret of SECRETS) expect(text).toMatch(new RegExp(`\`${secret}\` \\| yes`));
  });

  it('leaves no key without a meaning', () => {
    expect(configKeys().filter(({ section, description }) => !section && description === '')).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const text = doc('errors.md');

  it('lists every error code and no other', () => {
    expect(text.includes(errorReference()), HINT).toBe(true);
    expect(firstCells(text, 'errors')).toEqual(Object.keys(ERRORS));
  });

  it('lists every exit code, and every error has a listed one', () => {
    expect(text.includes(exitCodeReference()), HINT).toBe(true);
    expect(firstCells(text, 'exits')).toEqual(Object.keys(EXIT_CODES));
    for (const [code, { exit }] of Object.entries(ERRORS)) expect(EXIT_CODES, code).toHaveProperty(String(exit));
  });
});

/** The dotted keys of what the schema itself makes of an empty file. */
function leaves(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, item]) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? leaves(item, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );
}
