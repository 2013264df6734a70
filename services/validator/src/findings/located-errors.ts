import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';

/** One compiler or interpreter complaint in a command's output. */
export type LocatedError = Pick<Finding, 'code' | 'message'> & { readonly file?: string; readonly line?: number };

/** Reads the complaint that starts at a line; `lines` and `index` let it look at what follows. */
type Reader = (line: string, lines: readonly string[], index: number) => LocatedError | null;

const SOURCE = String.raw`(?:\.\/)?((?:[\w@.+-]+\/)*[\w@.+-]+\.[A-Za-z0-9]+)`;

const pattern = (
  expression: RegExp,
  make: (match: readonly string[], lines: readonly string[], index: number) => LocatedError | null,
): Reader => {
  return (line, lines, index) => {
    const match = expression.exec(line);
    return match === null
      ? null
      : make(
          match.map((group) => group ?? ''),
          lines,
          index,
        );
  };
};

const at = (file: string | undefined, line: string | undefined, code: string, message: string): LocatedError => ({
  code,
  message: message.trim(),
  ...(file && !file.startsWith('/')
    ? { file: file.replace(/^\.\//, ''), ...(line ? { line: Number(line) } : {}) }
    : {}),
});

const READERS: readonly Reader[] = [
  // tsc: src/a.ts(3,5): error TS2322: message, and its pretty form src/a.ts:3:5 - error TS2322: message
  pattern(
    new RegExp(`^${SOURCE}[(:](\\d+)[,:]\\d+\\)?(?::| -) error (TS\\d+): (.*)$`),
    ([, file, line, code, message]) => at(file, line, code as string, message as string),
  ),
  // Maven's javac and kotlinc: [ERROR] src/A.java:[3,5] message, with the symbol on the next lines
  pattern(
    new RegExp(`^\\[ERROR\\] ${SOURCE}:\\[(\\d+),\\d+\\] (?:error: )?(.*)$`),
    ([, file, line, message], lines, index) =>
      at(
        file,
        line,
        'JAVAC',
        `${message}${detail(lines, index, /^\s*(?:\[ERROR\])?\s+(symbol|location|required|found|reason):.*/)}`,
      ),
  ),
  // javac by itself: src/A.java:3: error: message
  pattern(new RegExp(`^${SOURCE}:(\\d+): error: (.*)$`), ([, file, line, message], lines, index) =>
    at(file, line, 'JAVAC', `${message}${detail(lines, index, /^\s+(symbol|location):.*/)}`),
  ),
  // kotlinc: e: src/A.kt:3:5 message
  pattern(new RegExp(`^e: (?:file://)?${SOURCE}:(\\d+):\\d+:? (.*)$`), ([, file, line, message]) =>
    at(file, line, 'KOTLINC', message as string),
  ),
  // gcc, clang: a.c:3:5: error: message
  pattern(new RegExp(`^${SOURCE}:(\\d+):\\d+: (?:fatal )?error: (.*)$`), ([, file, line, message]) =>
    at(file, line, 'CC', message as string),
  ),
  // go build and vet: ./a.go:3:5: message
  pattern(/^(?:vet: )?(?:\.\/)?((?:[\w@.+-]+\/)*[\w@.+-]+\.go):(\d+):(?:\d+:)? (.*)$/, ([, file, line, message]) =>
    at(file, line, 'GO', message as string),
  ),
  // rustc: error[E0308]: message, with --> src/lib.rs:3:5 below
  pattern(/^error(?:\[(E\d+)\])?: (.*)$/, ([, code, message], lines, index) => {
    if (/^(aborting due to|could not compile|test failed|\d+ targets? failed)/.test(message as string)) return null;
    const place = lines
      .slice(index + 1, index + 4)
      .map((each) => /^\s*--> ([^\s:]+):(\d+):\d+/.exec(each))
      .find((match) => match !== null);
    return place ? at(place[1], place[2], code || 'RUSTC', message as string) : null;
  }),
  // Node: the file and line of a syntax error, then the code, then the error itself
  pattern(/^((?:[\w@.+-]+\/)*[\w@.+-]+\.[cm]?[jt]sx?):(\d+)$/, ([, file, line], lines, index) => {
    const error = lines
      .slice(index + 1, index + 8)
      .map((each) => /^(\w*Error(?: \[\w+\])?): (.*)$/.exec(each))
      .find((match) => match !== null);
    return error ? at(file, line, 'NODE', `${error[1]}: ${error[2]}`) : null;
  }),
  // Python: the innermost frame in the repository and the error at the end of the traceback
  pattern(/^\s*Traceback \(most recent call last\):$/, (_match, lines, index) => readTraceback(lines, index)),
  // Python: a syntax error has no traceback of its own in compileall and pytest's collection
  pattern(/^E?\s+File "([^"]+)", line (\d+)$/, ([, file, line], lines, index) => {
    const error = lines
      .slice(index + 1, index + 5)
      .map((each) => /^(?:E\s+)?((?:Syntax|Indentation|Tab)Error): (.*)$/.exec(each.trim()))
      .find((match) => match !== null);
    return error ? at(file, line, 'PYTHON', `${error[1]}: ${error[2]}`) : null;
  }),
  pattern(/^E\s+((?:ModuleNotFound|Import|Name|Attribute)Error): (.*)$/, ([, name, message], lines, index) => {
    const place = lines
      .slice(Math.max(0, index - 12), index + 3)
      .map((each) => /^([\w./-]+\.py):(\d+): /.exec(each))
      .findLast((match) => match !== null);
    return at(place?.[1], place?.[2], 'PYTHON', `${name}: ${message}`);
  }),
];

/** Complaints that stand for many others: more would only repeat them. */
const MAX_ERRORS = 50;

/** Compiler errors and tracebacks, in order, each once. `output` is plain text whose paths are relative already. */
export function locatedErrors(output: string): LocatedError[] {
  const lines = output.split('\n');
  const found = new Map<string, LocatedError>();
  for (const [index, line] of lines.entries()) {
    if (line.length > 2_000) continue;
    for (const read of READERS) {
      const error = read(line, lines, index);
      if (error === null) continue;
      const key = JSON.stringify([error.file, error.line, error.message.split('\n')[0]]);
      if (!found.has(key)) found.set(key, error);
      break;
    }
    if (found.size >= MAX_ERRORS) break;
  }
  return [...found.values()];
}

function detail(lines: readonly string[], index: number, wanted: RegExp): string {
  return lines
    .slice(index + 1, index + 5)
    .filter((line) => wanted.test(line))
    .map((line) => `\n${line.replace(/^\[ERROR\]/, '').trim()}`)
    .join('');
}

function readTraceback(lines: readonly string[], index: number): LocatedError | null {
  let place: RegExpExecArray | null = null;
  for (const line of lines.slice(index + 1, index + 200)) {
    const frame = /^\s+File "([^"]+)", line (\d+)/.exec(line);
    if (frame && !/^\/|site-packages|^</.test(frame[1] as string)) place = frame;
    const error = /^\s*((?:\w+\.)*\w*(?:Error|Exception|Warning|Interrupt|Exit))(?:: (.*))?$/.exec(line);
    if (error && !/^\s+File/.test(line))
      return place === null
        ? null
        : at(place[1], place[2], 'PYTHON', error[2] ? `${error[1]}: ${error[2]}` : (error[1] as string));
  }
  return null;
}
