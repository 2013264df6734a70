import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { type LineReader, MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';

const MAX_MESSAGE = 2_000;

/**
 * The text of Rust's own test runner. Cargo names each test program on stderr, the program prints its tests on stdout;
 * the two streams are only in order each by itself, so the n-th block belongs to the n-th program.
 */
export function libtestReader(): LineReader {
  const programs: string[] = [];
  const tests: { block: number; name: string; status: TestResult['status'] }[] = [];
  const messages = new Map<string, string>();
  let block = -1;
  let about: string | null = null;
  return {
    line(text, stream) {
      const program = /^\s+Running (?:unittests )?(\S+) \(/.exec(text)?.[1] ?? /^\s+Doc-tests (\S+)/.exec(text)?.[1];
      if (stream === 'stderr') {
        if (program !== undefined) programs.push(text.includes('Doc-tests') ? `doc ${program}` : program);
        return;
      }
      if (/^running \d+ tests?$/.test(text)) {
        block++;
        about = null;
        return;
      }
      const result = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/.exec(text);
      if (result && block >= 0 && tests.length < MAX_TESTS) {
        tests.push({
          block,
          name: result[1] as string,
          status: result[2] === 'ok' ? 'passed' : result[2] === 'FAILED' ? 'failed' : 'skipped',
        });
        return;
      }
      const header = /^---- (.+) stdout ----$/.exec(text);
      if (header) about = `${block} ${header[1]}`;
      else if (/^(failures:|test result:)/.test(text)) about = null;
      else if (about !== null) {
        const before = messages.get(about) ?? '';
        if (before.length < MAX_MESSAGE) messages.set(about, `${before}${text}\n`);
      }
    },
    results() {
      if (block < 0) return null;
      return tests.map(({ block: number, name, status }) => {
        const message = messages.get(`${number} ${name}`)?.trim();
        const place = message === undefined ? null : /panicked at ([^\s:]+):(\d+):\d+/.exec(message);
        return {
          id: testId([programs[number] ?? `program ${number + 1}`, name]),
          status,
          ...(status === 'failed' && message ? { message: message.slice(0, MAX_MESSAGE) } : {}),
          ...(status === 'failed' && place ? { file: place[1] as string, line: Number(place[2]) } : {}),
        };
      });
    },
    visibleText: () => null,
  };
}
