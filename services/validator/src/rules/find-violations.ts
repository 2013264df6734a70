import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { textOf, type WrittenFile } from '../check.ts';
import { type FoundMatch, matchRules } from '../isolated/match-rules.ts';
import { ruleLanguageOf } from '../language-names.ts';
import type { Rule } from './rule.ts';
import { coversPath, matchRulesOf, ruleOf } from './rule-matchers.ts';

/**
 * What the rules find in the files that a change writes and what was not there before. Findings carry the rule's name as
 * their code. Throws IsolationFailure.
 */
export async function findViolations(
  rules: readonly Rule[],
  written: readonly WrittenFile[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const matchers = new Map(rules.map((rule) => [rule, matchRulesOf(rule)]));
  const sources = written.flatMap(({ path, content, before }) => {
    const language = ruleLanguageOf(path);
    if (language === null) return [];
    const wanted = [...matchers].filter(([rule]) => coversPath(rule, path)).flatMap(([, all]) => all);
    const keys = wanted.filter((matcher) => matcher.language === language).map((matcher) => matcher.key);
    const [text, old] = [textOf(content), before === null ? null : textOf(before)];
    if (keys.length === 0 || text === null) return [];
    const source = { language, rules: keys };
    return [{ ...source, key: path, text }, ...(old === null ? [] : [{ ...source, key: beforeKey(path), text: old }])];
  });
  if (sources.length === 0) return [];
  const { matches, unread } = await matchRules({ rules: [...matchers.values()].flat(), sources }, signal);
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const found = written.flatMap(({ path }) => newMatches(path, matches, byName));
  const tooLong = unread
    .filter((key) => !key.startsWith(BEFORE))
    .map(
      (path): Finding => ({
        check: 'policy.rules',
        code: 'RULES_UNREAD',
        severity: 'error',
        message: `${path} is too long to be read by the rules. Split it.`,
        file: path,
      }),
    );
  return [...found, ...tooLong];
}

const BEFORE = 'before\0';
const beforeKey = (path: string): string => BEFORE + path;

function newMatches(path: string, matches: readonly FoundMatch[], rules: ReadonlyMap<string, Rule>): Finding[] {
  // A match of the whole file says that something is missing: its text changes with every edit.
  const identity = (match: FoundMatch) => `${ruleOf(match.rule)} ${match.whole ? '' : match.text}`;
  const old = new Map<string, number>();
  for (const match of matches)
    if (match.source === beforeKey(path)) old.set(identity(match), (old.get(identity(match)) ?? 0) + 1);
  const told = new Set<string>();
  return matches.flatMap((match): Finding[] => {
    if (match.source !== path) return [];
    const left = old.get(identity(match)) ?? 0;
    old.set(identity(match), left - 1);
    const name = ruleOf(match.rule);
    const rule = rules.get(name);
    const line = match.whole ? 1 : match.line;
    // A name within a longer name matches twice at one place.
    if (left > 0 || rule === undefined || told.has(`${name} ${line}`)) return [];
    told.add(`${name} ${line}`);
    return [
      {
        check: 'policy.rules',
        code: name,
        severity: rule.severity,
        message: `${rule.message.trim()} ${rule.fix.trim()}`,
        file: path,
        line,
      },
    ];
  });
}
