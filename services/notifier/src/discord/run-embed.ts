import type { APIEmbed } from 'discord-api-types/v10';
import type { Notice } from '../channel.ts';
import { partsOf } from '../told/parts.ts';
import { epochSeconds } from '../told/style.ts';
import { discordStyle } from './defuse.ts';
import { embedOf } from './embed.ts';
import { fit } from './fit.ts';

const MAX_LINES = 20;
const MARKS = { blue: '▪', green: '✓', yellow: '…', orange: '✗', red: '✗', grey: '–' } as const;

/** A run as one embed that is updated in place: what is new in full, and below it what was before. */
export function runEmbed(history: readonly [Notice, ...Notice[]]): APIEmbed {
  const latest = history.at(-1) ?? history[0];
  const embed = embedOf(latest);
  const lines = history.slice(-MAX_LINES).map((notice) => {
    const { heading, color } = partsOf(notice, discordStyle);
    const seconds = epochSeconds(notice.at.toISOString());
    return `${MARKS[color]} ${heading}${seconds === null ? '' : ` <t:${seconds}:R>`}`;
  });
  const before = history.length > MAX_LINES ? ['…', ...lines] : lines;
  const fields = [{ name: 'So far', value: inField(before) }, ...(embed.fields ?? [])];
  return fit({ ...embed, fields });
}

const MAX_FIELD = 1_024;

/** The newest lines that fit, whole. */
function inField(lines: readonly string[]): string {
  let shown = [...lines];
  while (shown.length > 1 && shown.join('\n').length > MAX_FIELD) shown = shown.slice(1);
  return shown.join('\n');
}
