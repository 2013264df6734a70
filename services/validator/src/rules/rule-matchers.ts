import picomatch from 'picomatch';
import type { MatchRule } from '../isolated/match-rules.ts';
import type { Rule } from './rule.ts';

/** A rule as its matchers: one for each of its matches and languages. Keys: `pack/id#match#language`. */
export const matchRulesOf = (rule: Rule): readonly MatchRule[] =>
  rule.match.flatMap(({ languages, ...config }, index) =>
    languages.map((language) => ({ key: `${rule.name}#${index}#${language}`, language, config })),
  );

/** Name of the rule that a matcher belongs to. */
export const ruleOf = (key: string): string => key.slice(0, key.indexOf('#'));

const OPTIONS = { dot: true, nocase: true } as const;

/** Whether the rule looks at files of this path. */
export function coversPath({ files, ignores }: Pick<Rule, 'files' | 'ignores'>, path: string): boolean {
  if (files !== undefined && !picomatch([...files], OPTIONS)(path)) return false;
  return ignores === undefined || !picomatch([...ignores], OPTIONS)(path);
}
