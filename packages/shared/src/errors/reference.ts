import { ERRORS } from './errors.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** The tables of docs/errors.md. A test compares them; `node scripts/write-reference.ts` writes them. */

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\{(\w+)\}/g, '*$1*');

export function errorReference(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { message, next, exit, retryable }]) =>
      `| \`${code}\` | ${cell(message)} | ${cell(next)} | ${exit} | ${retryable ? 'yes' : ''} |`,
  );
  return [
    '| Code | What happened | What to do | Exit | Tried again |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

export function exitCodeReference(): string {
  const rows = Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['| Exit | Meaning |', '| --- | --- |', ...rows].join('\n');
}
