import type { SgNode } from '@ast-grep/napi';
import type { Language } from '../languages.ts';
import { ASSERTION_READERS } from './assertion-readers.ts';

/** Under a condition it may not run at all. */
const CONDITIONAL = 1 / 3;
/** Where an assertion stands is only looked up for so many: the time grows with their square. */
const MAX_LOCATED = 400;

/**
 * How much a test asserts: the sum over its assertions. One that cannot fail (`assert True`), that stands behind a
 * return, or whose failure is caught and dropped counts nothing. `asserts` counts them all.
 */
export function strengthOf(test: SgNode, language: Language): { readonly score: number; readonly asserts: number } {
  let score = 0;
  let asserts = 0;
  for (const node of candidates(test, language)) {
    const worth = ASSERTION_READERS[language](node);
    if (worth === null) continue;
    asserts++;
    if (worth > 0) score += worth * (asserts > MAX_LOCATED ? 1 : chanceToCount(node, test, language));
  }
  return { score, asserts };
}

const KINDS: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['call_expression', 'member_expression'],
  typescript: ['call_expression', 'member_expression'],
  tsx: ['call_expression', 'member_expression'],
  python: ['assert_statement', 'call'],
  go: ['call_expression'],
  java: ['method_invocation'],
  kotlin: ['call_expression'],
  rust: ['macro_invocation'],
};

const candidates = (test: SgNode, language: Language): SgNode[] =>
  KINDS[language].flatMap((kind) => test.findAll({ rule: { kind } }));

const STATEMENT_END = /^(?:return_statement|return_expression|jump_expression)$/;
const CONDITIONS =
  /^(?:if_statement|if_expression|conditional_expression|ternary_expression|switch_statement|match_expression|when_expression)$/;

/** Between 1, where the assertion always runs and its failure counts, and 0. */
function chanceToCount(node: SgNode, test: SgNode, language: Language): number {
  let chance = 1;
  let conditions = 0;
  let below: SgNode = node;
  for (const ancestor of node.ancestors()) {
    const kind = String(ancestor.kind());
    if (isDropped(ancestor, below)) return 0;
    if (CONDITIONS.test(kind)) conditions++;
    for (const before of below.prevAll()) {
      const earlier = String(before.kind()) === 'expression_statement' ? (before.children()[0] ?? before) : before;
      if (STATEMENT_END.test(String(earlier.kind()))) return 0;
      if (CONDITIONS.test(String(earlier.kind())) && /\breturn\b/.test(earlier.text())) chance = CONDITIONAL;
    }
    if (ancestor.id() === test.id()) break;
    below = ancestor;
  }
  // Go asserts by a condition of its own.
  return conditions > (language === 'go' ? 1 : 0) ? CONDITIONAL : chance;
}

const TRIES = /^(?:try_statement|try_expression|try_with_resources_statement)$/;
const HANDLERS = /^(?:catch_clause|except_clause|catch_block)$/;
const SPEAKS = /\b(?:throw|raise|fail|assert\w*|expect|rethrow|panic)\b/;

/** The assertion's failure is caught by something that says nothing. */
function isDropped(ancestor: SgNode, below: SgNode): boolean {
  const kind = String(ancestor.kind());
  if (kind === 'with_statement') return /\bsuppress\s*\(/.test(ancestor.children()[1]?.text() ?? '');
  if (!TRIES.test(kind) || HANDLERS.test(String(below.kind())) || /finally/.test(String(below.kind()))) return false;
  return ancestor.children().some((child) => HANDLERS.test(String(child.kind())) && !SPEAKS.test(child.text()));
}
