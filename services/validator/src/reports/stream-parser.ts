import { StringDecoder } from 'node:string_decoder';
import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import type { StreamFormat } from '../recipe.ts';
import { goJsonReader } from './go-json.ts';
import { libtestReader } from './libtest.ts';
import { tapReader } from './tap.ts';

/** Reads test results out of what a command prints, line by line, while it runs. */
export interface LineReader {
  line(text: string, stream: 'stdout' | 'stderr'): void;
  /** null: nothing of the format was seen. */
  results(): readonly TestResult[] | null;
  /** What a person would have seen, where the format hides it; null: what was printed. */
  visibleText(): string | null;
}

export interface StreamParser {
  write(chunk: Buffer, stream: 'stdout' | 'stderr'): void;
  results(): readonly TestResult[] | null;
  visibleText(): string | null;
}

const READERS: Readonly<Record<StreamFormat, () => LineReader>> = {
  'go-json': goJsonReader,
  libtest: libtestReader,
  tap: tapReader,
};

/** A longer line is cut: no format that is read here needs more. */
const MAX_LINE_CHARACTERS = 64 * 1024;
export const MAX_TESTS = 100_000;

export function startParser(format: StreamFormat): StreamParser {
  const reader = READERS[format]();
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const rest = { stdout: '', stderr: '' };
  const flush = () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (rest[stream] !== '') reader.line(rest[stream], stream);
      rest[stream] = '';
    }
  };
  return {
    write(chunk, stream) {
      const lines = (rest[stream] + decoders[stream].write(chunk)).split('\n');
      rest[stream] = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
      for (const line of lines) reader.line(line.slice(0, MAX_LINE_CHARACTERS).replace(/\r$/, ''), stream);
    },
    results() {
      flush();
      return reader.results();
    },
    visibleText() {
      flush();
      return reader.visibleText();
    },
  };
}
