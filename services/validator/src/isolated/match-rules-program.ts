/** Looks for matches of rules in sources: see match-rules.ts. */
import type { SgNode } from '@ast-grep/napi';
import { parseSource } from '../languages.ts';
import type { FoundMatch, MatchInput, MatchResult } from './match-rules.ts';
import { announce, runProgram } from './program.ts';

const MAX_MATCHES = 200;
const MAX_TEXT = 300;

await runProgram<MatchInput, MatchResult>(({ rules, sources }) => {
  const matches: FoundMatch[] = [];
  const problems = new Map<string, string>();
  for (const { key, language, config } of rules) {
    const empty = parseSource(language, '');
    try {
      empty?.findAll(config as never);
    } catch (error) {
      problems.set(key, messageOf(error));
    }
  }
  const unread: string[] = [];
  for (const source of sources) {
    announce(source.key);
    const root = parseSource(source.language, source.text);
    if (root === null) {
      unread.push(source.key);
      continue;
    }
    for (const { key, language, config } of rules) {
      if (language !== source.language || problems.has(key) || !source.rules.includes(key)) continue;
      for (const node of root.findAll(config as never).slice(0, MAX_MATCHES))
        matches.push({ rule: key, source: source.key, ...placeOf(node) });
    }
  }
  return { matches, unread, problems: [...problems].map(([rule, message]) => ({ rule, message })) };
});

function placeOf(node: SgNode) {
  const { start, end } = node.range();
  const text = node.text();
  return {
    line: start.line + 1,
    endLine: end.line + 1,
    text: `${text.length} ${text.slice(0, MAX_TEXT)}`,
    whole: node.parent() === null,
  };
}

/** The library writes a chain of causes, deepest last: all of it, in one line. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .split('\n')
    .map((line) => line.replace(/^\s*\|->\s*/, '').trim())
    .filter((line) => line !== '')
    .join(': ')
    .slice(0, 400);
}
