import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { OutputBuffer } from '../sandbox/output-buffer.ts';
import type { LineReader } from './stream-parser.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';

/** The fields of `go test -json` (cmd/test2json) that are used. */
interface GoEvent {
  readonly Action?: unknown;
  readonly Package?: unknown;
  readonly ImportPath?: unknown;
  readonly Test?: unknown;
  readonly Elapsed?: unknown;
  readonly Output?: unknown;
}

const MAX_MESSAGE = 2_000;

export function goJsonReader(): LineReader {
  const results = new Map<string, TestResult>();
  const messages = new Map<string, string>();
  const visible = new OutputBuffer({ headBytes: 24 * 1024, tailBytes: 72 * 1024 });
  const packages = new Set<string>();
  let seen = false;
  return {
    line(text) {
      const event = parse(text);
      if (event === null) return visible.add(Buffer.from(`${text}\n`));
      const output = typeof event.Output === 'string' ? event.Output : '';
      if (output !== '') visible.add(Buffer.from(output));
      if (typeof event.Package !== 'string') return;
      seen = true;
      packages.add(event.Package);
      if (typeof event.Test !== 'string') return;
      const id = testId([event.Package, event.Test]);
      if (event.Action === 'output') {
        const before = messages.get(id) ?? '';
        if (before.length < MAX_MESSAGE && !/^\s*(=== |--- )/.test(output))
          messages.set(id, (before + output).slice(0, MAX_MESSAGE));
        return;
      }
      const status =
        event.Action === 'pass'
          ? 'passed'
          : event.Action === 'fail'
            ? 'failed'
            : event.Action === 'skip'
              ? 'skipped'
              : null;
      if (status === null || (results.size >= MAX_TESTS && !results.has(id))) return;
      const message = messages.get(id);
      messages.delete(id);
      results.set(id, {
        id,
        status,
        ...(typeof event.Elapsed === 'number' && event.Elapsed >= 0
          ? { durationMs: Math.round(event.Elapsed * 1000) }
          : {}),
        ...(status === 'failed' && message ? { message: message.trim(), ...location(message) } : {}),
      });
    },
    results: () => (seen ? [...results.values()] : null),
    visibleText: () => visible.text(),
  };
}

function parse(text: string): GoEvent | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'Action' in value ? (value as GoEvent) : null;
  } catch {
    return null;
  }
}

/** `name_test.go:12: message`; the folder is not printed. */
function location(message: string): { file?: string; line?: number } {
  const match = /^\s*([\w./-]+\.go):(\d+):/m.exec(message);
  return match ? { file: match[1] as string, line: Number(match[2]) } : {};
}
