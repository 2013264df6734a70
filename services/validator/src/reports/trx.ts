import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { plainText } from '../findings/plain-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';
import { attribute, childrenOf, decode, nameOf, readXml, type XmlNode } from './xml.ts';

const MAX_MESSAGE = 2_000;

/** What `dotnet test --logger trx` writes. Throws on what is no such report. */
export function readTrx(text: string, layout: BoxLayout): TestResult[] {
  const run = readXml(text).find((node) => nameOf(node) === 'TestRun');
  if (run === undefined) throw new Error('not a TRX report');
  return below(run, 'Results')
    .flatMap((results) => below(results, 'UnitTestResult'))
    .slice(0, MAX_TESTS)
    .map((node) => readResult(node, layout));
}

function readResult(node: XmlNode, layout: BoxLayout): TestResult {
  const outcome = attribute(node, 'outcome');
  const status = outcome === 'Passed' ? 'passed' : outcome === 'NotExecuted' ? 'skipped' : 'failed';
  const message = status === 'failed' ? messageOf(node, layout) : '';
  // "in /box/work/Tests/SumTest.cs:line 12", of the innermost frame that has a source.
  const place = /\bin ([\w./-]+):line (\d+)/.exec(message);
  const [hours, minutes, seconds] = (attribute(node, 'duration') ?? '').split(':').map(Number);
  const durationMs = Math.round(((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000);
  return {
    id: testId([attribute(node, 'testName') ?? '']),
    status,
    ...(durationMs >= 0 ? { durationMs } : {}),
    ...(message === '' ? {} : { message }),
    ...(place === null ? {} : { file: place[1] as string, line: Number(place[2]) }),
  };
}

function messageOf(node: XmlNode, layout: BoxLayout): string {
  const info = below(node, 'Output').flatMap((output) => below(output, 'ErrorInfo'));
  const parts = info.flatMap((each) => [...below(each, 'Message'), ...below(each, 'StackTrace')]);
  const text = parts
    .map((part) =>
      childrenOf(part)
        .map((child) => decode(String(child['#text'] ?? '')))
        .join(''),
    )
    .join('\n');
  return plainText(text, layout).trim().slice(0, MAX_MESSAGE);
}

const below = (node: XmlNode, name: string): readonly XmlNode[] =>
  childrenOf(node).filter((child) => nameOf(child) === name);
