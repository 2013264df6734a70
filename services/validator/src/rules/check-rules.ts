import type { ConfigProblem } from '@orchestrator/shared/config/problem.ts';
import type { YamlSource } from '@orchestrator/shared/config/yaml-source.ts';
import { matchRules } from '../isolated/match-rules.ts';
import { problemAt } from './parse-rule.ts';
import type { Rule } from './rule.ts';
import { coversPath, matchRulesOf } from './rule-matchers.ts';

/** A rule with the file it was read from. */
export interface ReadRule {
  readonly rule: Rule;
  readonly source: YamlSource;
  readonly file: string;
}

/** Rules that ast-grep does not take, and examples that a rule does not tell apart. Throws IsolationFailure. */
export async function checkRules(read: readonly ReadRule[], signal: AbortSignal): Promise<ConfigProblem[]> {
  const examples = read.flatMap(({ rule }, index) =>
    (['bad', 'good'] as const).flatMap((kind) =>
      rule.examples[kind].map((example, number) => ({ index, kind, number, example })),
    ),
  );
  const matchers = read.map(({ rule }) => matchRulesOf(rule));
  const { matches, problems } = await matchRules(
    {
      rules: matchers.flat(),
      sources: examples.map(({ index, example }, key) => ({
        key: String(key),
        language: example.language,
        text: example.code,
        rules: (matchers[index] ?? []).map((matcher) => matcher.key),
      })),
    },
    signal,
  );
  const found: ConfigProblem[] = [];
  for (const { rule: key, message } of problems) {
    const index = matchers.findIndex((all) => all.some((matcher) => matcher.key === key));
    const entry = read[index];
    if (entry === undefined) continue;
    const part = Number(key.split('#')[1]);
    const path = ['match', part, 'rule'];
    if (!found.some((problem) => problem.file === entry.file && problem.field === `match[${part}].rule`))
      found.push(problemAt(entry.source, entry.file, path, `is not taken by ast-grep: ${message}`));
  }
  const matched = new Set(matches.map((match) => Number(match.source)));
  for (const [key, { index, kind, number, example }] of examples.entries()) {
    const { rule, source, file } = read[index] as ReadRule;
    if (found.some((problem) => problem.file === file)) continue;
    const isFound = matched.has(key) && (example.path === undefined || coversPath(rule, example.path));
    if (isFound === (kind === 'bad')) continue;
    found.push(
      problemAt(
        source,
        file,
        ['examples', kind, number],
        kind === 'bad' ? 'is not found by the rule' : 'is found by the rule',
        'Correct the rule or the example.',
      ),
    );
  }
  return found;
}
