import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { plainText } from '../findings/plain-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { locate } from './locate.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';
import { xmlDepth } from './xml-depth.ts';

/** One element as the parser gives it in order-preserving form: its name with its children, and its attributes. */
type Node = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 40;
const MAX_MESSAGE = 2_000;
const ATTRIBUTES = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  // No entity is ever expanded by the parser; the five of XML are read below.
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/**
 * A JUnit XML report of any of the dialects in use: nested suites, or class names. Throws on what is no such report, on a
 * document type (no runner writes one, entities come with it) and on absurd depth.
 */
export function readJunit(text: string, layout: BoxLayout): TestResult[] {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error('a report with a document type is not read');
  if (xmlDepth(text) > MAX_DEPTH) throw new Error('a report with such depth is not read');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg}`);
  const roots = (parser.parse(text) as Node[]).filter(
    (node) => nameOf(node) === 'testsuites' || nameOf(node) === 'testsuite',
  );
  if (roots.length === 0) throw new Error('not a JUnit report');
  const tests: TestResult[] = [];
  for (const root of roots) collect(root, [], tests, layout);
  return tests;
}

function collect(node: Node, path: readonly string[], tests: TestResult[], layout: BoxLayout): void {
  const name = attribute(node, 'name');
  const here = nameOf(node) === 'testsuite' && name ? [...path, name] : path;
  for (const child of childrenOf(node)) {
    const kind = nameOf(child);
    if (kind === 'testsuite' || kind === 'testsuites') collect(child, here, tests, layout);
    else if (kind === 'testcase' && tests.length < MAX_TESTS) tests.push(readCase(child, here, layout));
  }
}

function readCase(node: Node, suites: readonly string[], layout: BoxLayout): TestResult {
  const relative = (path: string) => (path.startsWith(`${layout.work}/`) ? path.slice(layout.work.length + 1) : path);
  const file = relative(attribute(node, 'file') ?? '') || undefined;
  const className = attribute(node, 'classname');
  // Some runners repeat the innermost suite as the class, some write the same word for every test; an empty one is what
  // pytest gives a file that does not load.
  const own = className === '' ? [] : [className ?? ''];
  const scope = className === undefined || className === 'test' || suites.includes(className) ? suites : own;
  const name = relative(attribute(node, 'name') ?? '');
  const children = childrenOf(node);
  const failure = children.find((child) => ['failure', 'error'].includes(nameOf(child)));
  const skipped = children.some((child) => nameOf(child) === 'skipped');
  const status = failure !== undefined ? 'failed' : skipped ? 'skipped' : 'passed';
  const seconds = Number((attribute(node, 'time') ?? '').replaceAll(',', ''));
  const inScope = file !== undefined && scope.some((part) => relative(part) === file || isModuleOf(part, file));
  const message = failure === undefined ? '' : messageOf(failure, layout);
  const place = failure === undefined ? null : locate(message, file);
  return {
    id: testId([...(file === undefined || inScope || file === name ? [] : [file]), ...scope.map(relative), name]),
    status,
    ...(Number.isFinite(seconds) && seconds >= 0 ? { durationMs: Math.round(seconds * 1000) } : {}),
    ...(message === '' ? {} : { message }),
    ...(place?.file !== undefined || file !== undefined ? { file: place?.file ?? file } : {}),
    ...(place?.line === undefined ? {} : { line: place.line }),
  };
}

/** pytest's class names are the file's module, with dots. */
const isModuleOf = (name: string, file: string): boolean =>
  `${name}.`.startsWith(`${file.replace(/\.py$/, '').replaceAll('/', '.')}.`);

function messageOf(failure: Node, layout: BoxLayout): string {
  const title = attribute(failure, 'message') ?? '';
  const body = childrenOf(failure)
    .map((child) => decode(String(child['#text'] ?? '')))
    .join('');
  const whole = title === '' || body.includes(title) ? body : `${title}\n${body}`;
  return plainText(whole, layout).trim().slice(0, MAX_MESSAGE);
}

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
const childrenOf = (node: Node): readonly Node[] => {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? (children as Node[]) : [];
};

function attribute(node: Node, name: string): string | undefined {
  const value = (node[ATTRIBUTES] as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' ? decode(value) : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
