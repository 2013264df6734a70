import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { plainText } from '../findings/plain-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { locate } from './locate.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';
import { attribute, childrenOf, decode, nameOf, readXml, type XmlNode } from './xml.ts';

const MAX_MESSAGE = 2_000;

/**
 * A JUnit XML report of any of the dialects in use: nested suites, or class names. Throws on what is no such report.
 */
export function readJunit(text: string, layout: BoxLayout): TestResult[] {
  const roots = readXml(text).filter((node) => nameOf(node) === 'testsuites' || nameOf(node) === 'testsuite');
  if (roots.length === 0) throw new Error('not a JUnit report');
  const tests: TestResult[] = [];
  for (const root of roots) collect(root, [], tests, layout);
  return tests;
}

function collect(node: XmlNode, path: readonly string[], tests: TestResult[], layout: BoxLayout): void {
  const name = attribute(node, 'name');
  const here = nameOf(node) === 'testsuite' && name ? [...path, name] : path;
  for (const child of childrenOf(node)) {
    const kind = nameOf(child);
    if (kind === 'testsuite' || kind === 'testsuites') collect(child, here, tests, layout);
    else if (kind === 'testcase' && tests.length < MAX_TESTS) tests.push(readCase(child, here, layout));
  }
}

function readCase(node: XmlNode, suites: readonly string[], layout: BoxLayout): TestResult {
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

function messageOf(failure: XmlNode, layout: BoxLayout): string {
  const title = attribute(failure, 'message') ?? '';
  const body = childrenOf(failure)
    .map((child) => decode(String(child['#text'] ?? '')))
    .join('');
  // What went wrong comes first; some bodies begin with it, others with pages of source.
  const whole = (body.split('\n', 1)[0] ?? '').includes(title.split('\n', 1)[0] ?? '') ? body : `${title}\n${body}`;
  return plainText(whole, layout).trim().slice(0, MAX_MESSAGE);
}
