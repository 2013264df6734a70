import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { type LineReader, MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';

/** The Test Anything Protocol on stdout, with nested subtests by indentation. Only read if the output carries a plan. */
export function tapReader(): LineReader {
  const tests: TestResult[] = [];
  const path: string[] = [];
  let plan = false;
  let lastIndent = 0;
  return {
    line(text, stream) {
      if (stream !== 'stdout') return;
      const body = text.trimStart();
      const indent = text.length - body.length;
      const depth = Math.floor(indent / 4);
      if (/^\d+\.\.\d+/.test(body)) plan = true;
      const sub = /^# Subtest: (.*)$/.exec(body);
      if (sub) {
        path.length = Math.min(path.length, depth);
        path.push(sub[1] as string);
        return;
      }
      const result = /^(not ok|ok)\b(?:\s+\d+)?(?:\s+-)?\s*(.*)$/.exec(body);
      if (!result || tests.length >= MAX_TESTS) return;
      const closesSubtest = lastIndent > indent;
      lastIndent = indent;
      // The line that closes a subtest repeats what its own tests said.
      if (closesSubtest) return;
      const [, verdict, rest = ''] = result;
      const directive = /\s#\s*(skip|todo)\b/i.exec(rest);
      const name = directive === null ? rest : rest.slice(0, directive.index);
      tests.push({
        id: testId([...path.slice(0, depth), name]),
        status: directive ? 'skipped' : verdict === 'ok' ? 'passed' : 'failed',
      });
    },
    results: () => (plan && tests.length > 0 ? tests : null),
    visibleText: () => null,
  };
}
