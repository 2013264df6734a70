import { cleanText } from '@orchestrator/shared/text/clean-text.ts';
import { cut } from '@orchestrator/shared/text/cut.ts';
import type { Notice } from '../channel.ts';
import { commonFields } from '../told/common-fields.ts';
import { httpUrl } from '../told/http-url.ts';
import { type Color, partsOf } from '../told/parts.ts';
import { epochSeconds, type Style } from '../told/style.ts';

/** Slack's limits of a block: a section's text, a field, fields of a section, a header. */
const LIMITS = { text: 3_000, field: 2_000, fields: 10, header: 150 } as const;
const COLORS = {
  blue: '#3498db',
  green: '#2ecc71',
  yellow: '#f1c40f',
  orange: '#e67e22',
  red: '#e74c3c',
  grey: '#95a5a6',
} as const satisfies Record<Color, string>;

/** Slack's three control characters make links and mentions; its marks make formatting. */
const words = (text: string, maxCharacters: number): string =>
  escaped(cut(cleanText(text).trim(), maxCharacters)).replace(/[*_~`]/g, '\u200b$&');
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const slackStyle: Style = {
  words,
  code(text, maxCharacters = 200) {
    const inside = cut(cleanText(text).replace(/\s+/g, ' ').trim(), maxCharacters).replaceAll('`', '\u02cb');
    return inside === '' ? '' : `\`${escaped(inside)}\``;
  },
  strong: (word) => `*${word}*`,
  instant(iso) {
    const seconds = epochSeconds(iso);
    return seconds === null
      ? ''
      : `<!date^${seconds}^{date_short_pretty} {time}|${new Date(seconds * 1000).toISOString()}>`;
  },
};

/** The event as a message for an incoming webhook: one attachment of blocks, and a line for notifications. */
export function slackMessage(notice: Notice): object {
  const { heading, color, description = '', fields = [], url } = partsOf(notice, slackStyle);
  const { run } = notice;
  const title = run === null ? heading : `${heading}: ${words(run.title, 180)}`;
  const link = httpUrl(url) ?? httpUrl(run?.url);
  const shown = [...fields, ...commonFields(notice, slackStyle)].filter(([, value]) => value !== '');
  const blocks = [
    section(link === null ? `*${title}*` : `*<${escaped(link)}|${title}>*`),
    ...(description === '' ? [] : [section(description)]),
    ...chunks(shown, LIMITS.fields).map((part) => ({
      type: 'section',
      fields: part.map(([name, value]) => ({ type: 'mrkdwn', text: cut(`*${name}*\n${value}`, LIMITS.field) })),
    })),
    ...(run === null
      ? []
      : [{ type: 'context', elements: [{ type: 'mrkdwn', text: `${words(run.taskKey, 100)} · run ${run.id}` }] }]),
  ];
  return { text: cut(title, LIMITS.header), unfurl_links: false, attachments: [{ color: COLORS[color], blocks }] };
}

export const slackTest = (): object => ({ text: 'AI Orchestrator can write here. Events are sent to this channel.' });

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, LIMITS.text) } });

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
