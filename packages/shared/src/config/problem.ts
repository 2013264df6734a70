import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import { type ConfigKey, configKeys } from './keys.ts';
import type { YamlSource } from './yaml-source.ts';

/** One thing that is wrong in a configuration file, and what to do about it. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted: budget.phases[0].every; empty for the file as a whole. */
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

type Issue = z.core.$ZodIssue;

export function toProblems(issues: readonly Issue[], source: YamlSource, file: string): ConfigProblem[] {
  const unknownAt = new Set(
    issues.filter((issue) => issue.code === 'unrecognized_keys').map((issue) => fieldOf(issue.path)),
  );
  return (
    issues
      // A misspelt key is the cause of what its section then lacks.
      .filter((issue) => issue.code !== 'custom' || !unknownAt.has(fieldOf(issue.path)))
      .flatMap((issue) =>
        issue.code === 'unrecognized_keys' ? unknownKeys(issue, source, file) : [wrongValue(issue, source, file)],
      )
      .sort((a, b) => a.line - b.line || a.column - b.column)
  );
}

function unknownKeys(issue: Issue & { code: 'unrecognized_keys' }, source: YamlSource, file: string): ConfigProblem[] {
  return issue.keys.map((name) => {
    const path = [...issue.path, name];
    const place = source.atKey(path);
    return {
      file,
      line: place.line,
      column: place.column,
      field: fieldOf(path),
      problem: 'is not a known key',
      fix: suggestKey(name, fieldOf(issue.path)),
    };
  });
}

function wrongValue(issue: Issue, source: YamlSource, file: string): ConfigProblem {
  const { line, column } = source.at(issue.path);
  const field = fieldOf(issue.path);
  return {
    file,
    line,
    column,
    field,
    problem: inWords(issue, valueAt(source.value, issue.path)),
    fix: adviceFor(issue, field, valueAt(source.value, issue.path)),
  };
}

function suggestKey(name: string, section: string): string {
  const prefix = section === '' ? '' : `${generic(section)}.`;
  const here = configKeys().filter(({ key }) => key.startsWith(prefix) && !/[.[]/.test(key.slice(prefix.length)));
  const names = here.map(({ key }) => key.slice(prefix.length));
  const near = nearestOf(name, names);
  if (near) return `Did you mean ${near}?`;
  const elsewhere = configKeys().find(({ key }) => key.endsWith(`.${name}`));
  if (elsewhere) return `It belongs in ${elsewhere.key}.`;
  return `Remove it. Known keys here: ${names.join(', ')}.`;
}

/** The candidate that a person probably meant; undefined where none is close. */
export function nearestOf(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const near = closest(name, candidates);
  return distance(name.toLowerCase(), near.toLowerCase()) <= Math.max(1, Math.floor(name.length / 3))
    ? near
    : undefined;
}

function adviceFor(issue: Issue, field: string, value: unknown): string {
  if (issue.code === 'invalid_value') {
    const near = nearestOf(String(value), issue.values.map(String));
    if (near) return `Did you mean ${near}?`;
  }
  const key: ConfigKey | undefined = configKeys().find((candidate) => candidate.key === generic(field));
  if (key === undefined) return 'docs/configuration.md lists every key.';
  return (
    [key.description, key.default === undefined ? '' : `Default: ${key.default}.`].filter(Boolean).join(' ') ||
    `It is a ${key.type}.`
  );
}

/** What is wrong, to follow the name of the field. */
export function inWords(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? 'is missing'
        : issue.message.startsWith('must ')
          ? `${issue.message}, not ${kindOf(value)}`
          : `must be ${EXPECTED[issue.expected] ?? issue.expected}, not ${kindOf(value)}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `must be at least ${issue.minimum}, not ${String(value)}`
        : 'must not be empty';
    case 'too_big':
      return `must be at most ${issue.maximum}, not ${String(value)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, not ${JSON.stringify(value)}`;
    case 'invalid_union':
      return value === undefined ? 'is missing' : `${issue.message}, not ${kindOf(value)}`;
    default:
      return issue.message;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of keys',
};

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 60))}` : String(value);
}

export const fieldOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );

const generic = (field: string): string => field.replace(/\[\d+\]/g, '[]');

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  );
}

/** CONFIG_INVALID that names every problem, one a line. */
export function configInvalid(problems: readonly ConfigProblem[]): AppError {
  const [first] = problems;
  return new AppError(
    'CONFIG_INVALID',
    { file: first?.file, field: first?.field, problem: first?.problem, problems },
    { message: problemLines(problems) },
  );
}

/** One problem a line, each with its place and what to do. */
export const problemLines = (problems: readonly ConfigProblem[]): string =>
  problems
    .map(
      ({ file, line, column, field, problem, fix }) =>
        `${file}:${line}:${column}: ${field === '' ? '' : `${field} `}${problem}. ${fix}`,
    )
    .join('\n');
