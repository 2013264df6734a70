import type { SgNode } from '@ast-grep/napi';
import { type Language, languageOf, parseSource } from '../languages.ts';
import { strengthOf } from './assertion-strength.ts';

/** A test as its source declares it. */
export interface DeclaredTest {
  /** Name, with the class where the language has one; repeats are numbered. */
  readonly name: string;
  /** First line of the declaration, from 1. */
  readonly line: number;
  /** Source with white space folded: equal texts are the same test. */
  readonly text: string;
  /** How much it asserts; see assertion-strength.ts. */
  readonly strength: number;
  /** It asserts nothing that can fail, although it looks as if it did, or its body is empty. */
  readonly hollow: boolean;
}

export interface TestSource {
  readonly tests: readonly DeclaredTest[];
  /** Lines outside of all tests: imports, set-up, what the tests share. */
  readonly rest: readonly string[];
}

/** The tests that a file declares; null: not a language that is read, or too long. Tests made at run time are not seen. */
export function readTestSource(path: string, text: string): TestSource | null {
  const language = languageOf(path);
  const root = language === null ? null : parseSource(language, text);
  if (language === null || root === null) return null;
  const tests: DeclaredTest[] = [];
  const covered = new Set<number>();
  const counts = new Map<string, number>();
  for (const found of findTests(root, LANGUAGES[language], '')) {
    const { node, name, attributes } = found;
    const first = attributes[0] ?? node;
    for (let line = first.range().start.line; line <= node.range().end.line; line++) covered.add(line);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const { score, asserts } = strengthOf(node, language);
    const marks = attributes.map((attribute) => attribute.text()).join(' ');
    tests.push({
      name: count === 1 ? name : `${name} #${count}`,
      line: first.range().start.line + 1,
      text: `${marks} ${node.text()}`.replace(/\s+/g, ' ').trim(),
      strength: score + (/should_panic/.test(marks) ? 3 : 0),
      hollow: score === 0 && !/should_panic/.test(marks) && (asserts > 0 || isEmpty(node)),
    });
  }
  const rest = text
    .split('\n')
    .filter((line, index) => !covered.has(index) && line.trim() !== '')
    .map((line) => line.trim());
  return { tests, rest };
}

interface FoundTest {
  readonly node: SgNode;
  readonly name: string;
  /** Rust's stand before the function, as nodes of their own. */
  readonly attributes: readonly SgNode[];
}

interface LanguageRules {
  /** Kinds of nodes whose name goes before their tests' names. */
  readonly scopes: ReadonlySet<string>;
  readonly test: (node: SgNode, scope: string) => { name: string; attributes?: readonly SgNode[] } | null;
}

/** Deeper nesting is not entered: the text is written by a model. */
const MAX_DEPTH = 200;

function* findTests(node: SgNode, rules: LanguageRules, scope: string, depth = 0): Generator<FoundTest> {
  if (depth > MAX_DEPTH) return;
  for (const child of node.children()) {
    if (!child.isNamed()) continue;
    const found = rules.test(child, scope);
    if (found !== null) {
      yield { node: child, attributes: [], ...found };
      continue;
    }
    const name = rules.scopes.has(String(child.kind())) ? (child.field('name')?.text() ?? typeName(child)) : null;
    yield* findTests(child, rules, name === null ? scope : `${scope}${name}.`, depth + 1);
  }
}

const typeName = (node: SgNode): string =>
  node
    .children()
    .find((child) => child.is('type_identifier'))
    ?.text() ?? '';

const NO_SCOPES: ReadonlySet<string> = new Set();
const CALLEE = /^(?:[\w$]{1,40}\.)?(?:test|it|specify|xit|xtest|fit)(?![\w$])/;
const JVM_TEST = /@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property|Theory)\b/;

const script: LanguageRules = {
  scopes: NO_SCOPES,
  test(node) {
    if (!node.is('call_expression')) return null;
    const callee = node.field('function')?.text() ?? '';
    if (!CALLEE.test(callee)) return null;
    const given = node.field('arguments')?.namedChildren() ?? [];
    const title = given[0];
    const isFunction = given.some((each) => each.is('arrow_function') || each.is('function_expression'));
    return title !== undefined && isFunction && /string/.test(String(title.kind()))
      ? { name: title.text().slice(1, -1) }
      : null;
  },
};

const jvm: LanguageRules = {
  scopes: new Set(['class_declaration']),
  test(node, scope) {
    if (!node.is('method_declaration') && !node.is('function_declaration')) return null;
    const name =
      node.field('name')?.text() ??
      node
        .children()
        .find((child) => child.is('simple_identifier'))
        ?.text();
    const marks =
      node
        .children()
        .find((child) => child.is('modifiers'))
        ?.text() ?? '';
    // JUnit 3 goes by the name.
    const isTest = JVM_TEST.test(marks) || (/^test[A-Z_\d]/.test(name ?? '') && /\bpublic\b/.test(marks));
    return name !== undefined && isTest ? { name: `${scope}${name.replaceAll('`', '')}` } : null;
  },
};

const LANGUAGES: Readonly<Record<Language, LanguageRules>> = {
  javascript: script,
  typescript: script,
  tsx: script,
  java: jvm,
  kotlin: jvm,
  python: {
    scopes: new Set(['class_definition']),
    test(node, scope) {
      const definition = node.is('decorated_definition') ? node.field('definition') : node;
      const name = definition?.is('function_definition') ? definition.field('name')?.text() : undefined;
      return name?.startsWith('test') ? { name: `${scope}${name}` } : null;
    },
  },
  go: {
    scopes: NO_SCOPES,
    test(node) {
      if (!node.is('function_declaration') && !node.is('method_declaration')) return null;
      const name = node.field('name')?.text() ?? '';
      return /^(?:Test|Fuzz|Example)(?![a-z])/.test(name) && name !== 'TestMain' ? { name } : null;
    },
  },
  rust: {
    scopes: new Set(['mod_item']),
    test(node, scope) {
      if (!node.is('function_item')) return null;
      const attributes: SgNode[] = [];
      for (const before of node.prevAll()) {
        if (before.is('attribute_item')) attributes.unshift(before);
        else if (!/comment/.test(String(before.kind()))) break;
      }
      const isTest = attributes.some((each) => /^#\[(?:\w+::)*(?:test|rstest|test_case)\b/.test(each.text()));
      const name = node.field('name')?.text();
      return isTest && name !== undefined ? { name: `${scope}${name}`, attributes } : null;
    },
  },
};

const BODIES = /^(?:statement_block|block|function_body)$/;

/** The function's body holds nothing that does anything. */
function isEmpty(node: SgNode): boolean {
  return (
    bodyOf(node)
      ?.namedChildren()
      .every((each) => /comment|^pass_statement$/.test(String(each.kind()))) ?? false
  );
}

function bodyOf(node: SgNode, depth = 0): SgNode | null {
  if (depth > 8) return null;
  for (const child of node.namedChildren()) {
    const body = BODIES.test(String(child.kind())) ? child : bodyOf(child, depth + 1);
    if (body !== null) return body;
  }
  return null;
}
