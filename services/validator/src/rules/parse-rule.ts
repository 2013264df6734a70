import { type ConfigProblem, fieldOf, inWords, nearestOf, valueAt } from '@orchestrator/shared/config/problem.ts';
import { readYaml, type YamlSource } from '@orchestrator/shared/config/yaml-source.ts';
import type { z } from 'zod';
import { type Rule, RuleText } from './rule.ts';

/** A YAML file with the values that the schema made of it. */
export interface ParsedYaml<T> {
  readonly value: T | null;
  readonly source: YamlSource;
  readonly problems: readonly ConfigProblem[];
}

const FIELDS = 'docs/checks.md describes the fields.';

/** Reads one YAML file by a schema; every problem has its place. */
export function parseYaml<T>(text: string, file: string, schema: z.ZodType<T>): ParsedYaml<T> {
  const source = readYaml(text);
  const problems: ConfigProblem[] = source.syntaxErrors.map(({ line, column, problem }) => ({
    file,
    line,
    column,
    field: '',
    problem,
    fix: 'Correct the YAML.',
  }));
  if (problems.length > 0) return { value: null, source, problems };
  const parsed = schema.safeParse(source.value ?? {});
  if (parsed.success) return { value: parsed.data, source, problems };
  return { value: null, source, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, source, file)) };
}

/** A problem of the field at `path`. */
export function problemAt(
  source: YamlSource,
  file: string,
  path: readonly PropertyKey[],
  problem: string,
  fix = FIELDS,
): ConfigProblem {
  return { file, ...source.at(path), field: fieldOf(path), problem, fix };
}

function problemsOf(issue: z.core.$ZodIssue, source: YamlSource, file: string): ConfigProblem[] {
  if (issue.code !== 'unrecognized_keys')
    return [problemAt(source, file, issue.path, inWords(issue, valueAt(source.value, issue.path)))];
  return issue.keys.map((name) => {
    const near = nearestOf(name, FIELD_NAMES);
    const path = [...issue.path, name];
    return {
      file,
      ...source.atKey(path),
      field: fieldOf(path),
      problem: 'is not a known field',
      fix: near === undefined ? FIELDS : `Did you mean ${near}?`,
    };
  });
}

const FIELD_NAMES = [
  ...Object.keys(RuleText.shape),
  'languages',
  'rule',
  'constraints',
  'utils',
  'bad',
  'good',
  'language',
  'path',
  'code',
  'contains',
];

export const parseRule = (text: string, file: string, pack: string): ParsedYaml<Rule> => {
  const { value, ...rest } = parseYaml(text, file, RuleText);
  return { ...rest, value: value === null ? null : { ...value, pack, name: `${pack}/${value.id}` } };
};
