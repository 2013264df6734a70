import { prettyFactory } from 'pino-pretty';
import type { LogLine } from './log-line.ts';

/** Writes log lines as people like to read them: time of day, level, message, and the fields that apply. */
export function prettyLines({ color }: { readonly color: boolean }): (line: LogLine) => string {
  const format = prettyFactory({
    colorize: color,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'service,pid,hostname,fence',
    singleLine: true,
  });
  return (line) => format(Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)));
}
