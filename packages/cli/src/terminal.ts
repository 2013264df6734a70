import { styleText } from 'node:util';

export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** A stream that text goes to: the process's own, or a collector in a test. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
}

/** Where a command speaks. Results go to stdout, everything about the way there to stderr. */
export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
}

/** What a text may look like on one stream. */
export interface View {
  /** Columns; Infinity where no terminal cuts lines. */
  readonly width: number;
  readonly terminal: boolean;
  readonly color: boolean;
  /** Colours the text, or leaves it as it is where colours are not wanted. */
  readonly paint: Paint;
}

/** NO_COLOR wins over FORCE_COLOR; without either, a terminal has the colours that it says it has. */
export function viewOf(stream: OutputStream, env: Terminal['env']): View {
  const terminal = stream.isTTY === true;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const color = env.NO_COLOR ? false : forced || (terminal && env.TERM !== 'dumb' && (stream.hasColors?.() ?? true));
  return {
    terminal,
    color,
    width: terminal ? Math.max(40, stream.columns ?? 80) : Number.POSITIVE_INFINITY,
    paint: (format, text) => (color ? styleText(format, text, { validateStream: false }) : text),
  };
}
