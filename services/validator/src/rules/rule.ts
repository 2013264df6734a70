import { z } from 'zod';
import { RULE_LANGUAGES } from '../language-names.ts';

const Globs = z.array(z.string().min(1)).min(1);

/** One sign that a rule is about this repository: a file of that name, with that text where `contains` is given. */
const Sign = z.strictObject({
  files: Globs,
  contains: z.string().min(1).refine(isRegExp, 'must be a regular expression').optional(),
});

/** Signs of which any one is enough. */
export const AppliesWhen = z.array(Sign).min(1);
export type AppliesWhen = z.infer<typeof AppliesWhen>;

/** What is looked for in these languages: a rule object of ast-grep. */
const Match = z.strictObject({
  languages: z.array(z.enum(RULE_LANGUAGES)).min(1),
  rule: z.record(z.string(), z.unknown()),
  constraints: z.record(z.string(), z.unknown()).optional(),
  utils: z.record(z.string(), z.unknown()).optional(),
});

const Example = z.strictObject({
  language: z.enum(RULE_LANGUAGES),
  /** Where `files` and `ignores` matter. */
  path: z.string().min(1).optional(),
  code: z.string().min(1),
});
export type Example = z.infer<typeof Example>;

/** A rule as it stands in a YAML file. docs/checks.md describes the fields. */
export const RuleText = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be words of small letters and digits, joined by hyphens'),
  severity: z.enum(['error', 'warning']),
  message: z.string().min(1),
  fix: z.string().min(1),
  files: Globs.optional(),
  ignores: Globs.optional(),
  applies_when: AppliesWhen.optional(),
  match: z.array(Match).min(1),
  examples: z.strictObject({ bad: z.array(Example).min(1), good: z.array(Example).min(1) }),
});
export type RuleText = z.infer<typeof RuleText>;

export const PackText = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  applies_when: AppliesWhen,
  /** Utility rules of ast-grep that every rule of the pack may name, by language. */
  utils: z.partialRecord(z.enum(RULE_LANGUAGES), z.record(z.string(), z.unknown())).optional(),
});
export type PackText = z.infer<typeof PackText>;

/** A rule with the pack it belongs to. `name` is what findings, configuration and comments call it: `pack/id`. */
export interface Rule extends RuleText {
  readonly pack: string;
  readonly name: string;
}

export interface Pack extends PackText {
  readonly rules: readonly Rule[];
}

/** The name of the pack that a repository's own rules are in. */
export const REPOSITORY_PACK = 'repository';

function isRegExp(text: string): boolean {
  try {
    new RegExp(text, 'mu');
    return true;
  } catch {
    return false;
  }
}
