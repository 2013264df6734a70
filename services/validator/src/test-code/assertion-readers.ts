import type { SgNode } from '@ast-grep/napi';
import type { Language } from '../languages.ts';

/** An exact comparison is worth three loose ones: "equals 3" says more than "is there". */
const EXACT = 3;
const LOOSE = 1;
const MAX_LEAVES = 20;

/** null: no assertion; 0: one that cannot fail. */
export type AssertionReader = (node: SgNode) => number | null;

const ARGUMENTS = /^(?:arguments|argument_list|value_arguments|token_tree)$/;

function argumentsOf(node: SgNode): string[] {
  const given =
    node.field('arguments') ??
    node
      .children()
      .flatMap((child) => (child.is('call_suffix') ? child.children() : [child]))
      .find((child) => ARGUMENTS.test(String(child.kind())));
  return given?.namedChildren().map((child) => child.text()) ?? [];
}

const LITERAL = /^(?:true|True|1|"[^"]*"|'[^']*'|`[^`]*`|\d+)$/;
const COMPARES = /[^=!<>]==[^=]|===|\.equals\(|\.deepEqual|matches!/;

/** A comparison of a structure says something about each of its parts. */
const leaves = (given: readonly string[]): number =>
  Math.min(
    MAX_LEAVES,
    Math.max(
      1,
      ...given.map((text) => (/^[[{(]/.test(text) ? text.split(',').filter((part) => /\w/.test(part)).length : 1)),
    ),
  );

const exact = (given: readonly string[]): number =>
  given.length >= 2 && given[0] === given[1] ? 0 : EXACT * leaves(given);
const truth = (subject = ''): number =>
  LITERAL.test(subject) || selfCompared(subject) ? 0 : COMPARES.test(subject) ? EXACT : LOOSE;
const selfCompared = (text: string): boolean => {
  const match = /^(.{1,200}?)\s*={2,3}\s*(.{1,200})$/s.exec(text);
  return match !== null && match[1] === match[2];
};

const LOOSE_MATCHERS =
  /^(?:toBeTruthy|toBeFalsy|toBeDefined|toBeUndefined|toBeGreaterThan\w*|toBeLessThan\w*|toBeInstanceOf|toBeTypeOf|toContain\w*|toMatch|toMatchSnapshot|toHaveProperty|toHaveBeenCalled|toSatisfy|toThrow\w*|ok|exist|exists|true|false|truthy|falsy|a|an|above|below|include|includes|contain|contains|match)$/;
const WILDCARD = /^expect\.(?:anything|any)\b/;

const script: AssertionReader = (node) => {
  const text = node.text();
  if (node.is('member_expression'))
    return /^expect\s*\(/.test(text) && node.parent()?.is('expression_statement') ? LOOSE : null;
  const callee = node.field('function')?.text() ?? '';
  const given = argumentsOf(node);
  if (/^expect\s*\(/.test(callee) && /\.\w+$/.test(callee)) {
    const subject = /^expect\s*\(\s*(.{0,400}?)\s*\)\s*\./s.exec(callee)?.[1] ?? '';
    const matcher = /\.(\w+)$/.exec(callee)?.[1] ?? '';
    if (LITERAL.test(subject) || (given.length > 0 && given[0] === subject)) return 0;
    if (given.some((each) => WILDCARD.test(each)) || /\.not\./.test(callee)) return LOOSE;
    if (/^toThrow/.test(matcher)) return given.length > 0 ? EXACT : LOOSE;
    return LOOSE_MATCHERS.test(matcher) ? LOOSE : EXACT * leaves(given);
  }
  const method =
    /^(?:assert|should|t|assertions)\.(?:strict\.)?(\w+)$/.exec(callee)?.[1] ?? (callee === 'assert' ? 'ok' : null);
  if (method === null) return null;
  if (
    /^(?:equal|strictEqual|deepEqual|deepStrictEqual|partialDeepStrictEqual|is|like|same|match|eq|eql)$/i.test(method)
  )
    return exact(given);
  if (/^(?:throws|rejects|throwsAsync)$/.test(method)) return given.length > 1 ? EXACT : LOOSE;
  if (/^(?:ok|true|truthy|assert)$/.test(method)) return truth(given[0]);
  return /^(?:not\w*|false|falsy|fail|doesNot\w*|ifError|pass|exists|isTrue|isFalse|is[A-Z]\w*)$/.test(method)
    ? LOOSE
    : null;
};

const ANY_ERROR = /^(?:Base)?Exception$/;

const python: AssertionReader = (node) => {
  if (node.is('assert_statement')) {
    const condition = node.namedChildren()[0];
    const text = condition?.text() ?? '';
    if (/\bor\s+True\b/.test(text) || /^\(.*,.*['"]\s*\)$/s.test(text)) return 0;
    if (condition?.is('comparison_operator') && /[^=!<>]==[^=]|\sis\s(?!not\b)/.test(text)) {
      const sides = condition.namedChildren().map((side) => side.text());
      return sides.length >= 2 && sides[0] === sides[1] ? 0 : EXACT * leaves(sides.slice(1));
    }
    return truth(text);
  }
  const callee = node.field('function')?.text() ?? '';
  const given = argumentsOf(node);
  if (/(?:^|\.)raises$|\.assertRaises(?:Regex)?$|\.assertWarns(?:Regex)?$/.test(callee))
    return ANY_ERROR.test(given[0] ?? '') && given.length < 2 ? LOOSE : EXACT;
  const method = /^(?:self|cls)\.(assert\w+|fail)$/.exec(callee)?.[1];
  if (method === undefined) return null;
  if (/^assertTrue$/.test(method)) return truth(given[0]);
  return /Equal|Almost|assertIs$|Regex$|assertCount/.test(method) && !/Not/.test(method) ? exact(given) : LOOSE;
};

const go: AssertionReader = (node) => {
  const callee = node.field('function')?.text() ?? '';
  const given = argumentsOf(node);
  if (/^\w{1,20}\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)$/.test(callee)) {
    const condition =
      node
        .ancestors()
        .find((each) => each.is('if_statement'))
        ?.field('condition')
        ?.text() ?? '';
    return /^false\b|\bfalse\s*&&|&&\s*false\b/.test(condition) ? 0 : EXACT;
  }
  const method = /^(?:assert|require|is|s|suite|\w{1,3}\.Require\(\))\.(\w+)$/.exec(callee)?.[1];
  if (method === undefined) return null;
  // The first argument of testify's functions is the test itself.
  const compared = /^(?:assert|require)\./.test(callee) ? given.slice(1) : given;
  if (
    /^(?:Equal|EqualValues|Exactly|Len|ErrorIs|ErrorAs|ErrorContains|EqualError|JSONEq|YAMLEq|ElementsMatch|PanicsWith\w*|Same|InDelta)f?$/.test(
      method,
    )
  )
    return exact(compared);
  return /^True/.test(method) ? truth(compared[0]) : /^[A-Z]/.test(method) ? LOOSE : null;
};

const jvm: AssertionReader = (node) => {
  const text = node.text();
  const name = node.field('name')?.text() ?? /^(?:[\w.]*\.)?(\w+)\s*\(/.exec(text)?.[1] ?? '';
  const given = argumentsOf(node);
  if (/^assert(?:Equals|ArrayEquals|IterableEquals|LinesMatch|Same|ContentEquals)$/.test(name)) return exact(given);
  if (/^assert(?:Throws|ThrowsExactly|FailsWith)$/.test(name))
    return /^(?:Throwable|Exception|RuntimeException)\b/.test(given[0] ?? '') ? LOOSE : EXACT;
  if (/^assertTrue$/.test(name)) return truth(given.find((each) => !/^"/.test(each)) ?? given[0]);
  if (/^(?:assert(?!That$)\w+|fail|verify)$/.test(name)) return LOOSE;
  // A chain counts once, by its end.
  if (!/^(?:[\w.]*\.)?assertThat\s*\(/.test(text) || node.parent()?.is('method_invocation')) return null;
  if (name === 'assertThat') return given.length > 1 ? EXACT : 0;
  return /^(?:isEqualTo|containsExactly\w*|isSameAs|hasMessage|hasSize|isEqualByComparingTo|isInstanceOf|isTrue|isFalse)$/.test(
    name,
  )
    ? EXACT
    : LOOSE;
};

const rust: AssertionReader = (node) => {
  const name = node.field('macro')?.text() ?? node.children()[0]?.text() ?? '';
  const inside = (
    node
      .children()
      .find((child) => child.is('token_tree'))
      ?.text() ?? ''
  )
    .slice(1, -1)
    .trim();
  if (/^(?:\w+::)*(?:debug_)?assert_eq$/.test(name)) {
    const middle = inside.indexOf(',');
    return inside.slice(0, middle).trim() === inside.slice(middle + 1).trim() ? 0 : EXACT;
  }
  if (/^(?:\w+::)*(?:debug_)?assert$/.test(name)) return truth(inside.split(/,\s*"/)[0]);
  return /^(?:\w+::)*(?:assert_\w+|panic|unreachable)$/.test(name) ? LOOSE : null;
};

export const ASSERTION_READERS: Readonly<Record<Language, AssertionReader>> = {
  javascript: script,
  typescript: script,
  tsx: script,
  python,
  go,
  java: jvm,
  kotlin: jvm,
  rust,
};
