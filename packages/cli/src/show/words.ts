import { stripVTControlCharacters } from 'node:util';
import { formatDuration } from '@orchestrator/shared/config/describe.ts';
import { visibleText } from '@orchestrator/shared/text/clean-text.ts';

/** 2026-01-31 23:59 UTC */
export const instant = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** "in 3h30m", "2m ago"; at most two units. */
export function relative(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const text = coarse(Math.abs(ms));
  return ms >= 0 ? `in ${text}` : `${text} ago`;
}

/** The two largest units of a length of time: 1d4h, 3m20s, 4s. */
export function coarse(ms: number): string {
  const units = formatDuration(Math.max(1000, ms)).match(/\d+[dhms]/g) ?? [];
  return units.slice(0, 2).join('');
}

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;

/** A title over a block of text. */
export const block = (title: string, text: string): string => `${title}\n${text.replace(/^(?=.)/gm, '  ')}`;

/** Text that others wrote, without what a terminal would act on. */
export const plainText = (text: string): string => visibleText(stripVTControlCharacters(text));
