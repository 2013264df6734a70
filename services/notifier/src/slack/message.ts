import type { Mention } from '@orchestrator/shared/config/schema.ts';
import { cleanText } from '@orchestrator/shared/text/clean-text.ts';
import { cut } from '@orchestrator/shared/text/cut.ts';
import type { Notice } from '../channel.ts';
import { commonFields } from '../told/common-fields.ts';
import { digestOf } from '../told/digest.ts';
import { httpUrl } from '../told/http-url.ts';
import { listed } from '../told/listed.ts';
import { mentionsFor } from '../told/mentions.ts';
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

/** Attachments of one message; Slack takes more, and shows the first ones only. */
const MAX_ATTACHMENTS = 10;

/** The events as a message for an incoming webhook: an attachment of blocks each, and a line for notifications. */
export function slackMessage(notices: readonly [Notice, ...Notice[]], rules: readonly Mention[]): object {
  const { each, groups } = digestOf(notices, MAX_ATTACHMENTS);
  const called = mentionsFor(notices, rules, ({ slack }) => slack).map(tagOf);
  const title = notices.length === 1 ? titleOf(notices[0]) : `${notices.length} events`;
  return {
    text: [...called, cut(title, LIMITS.header)].join(' '),
    unfurl_links: false,
    attachments: [...each.map(attachmentOf), ...groups.map(([, alike]) => listOf(alike))],
  };
}

/** here, channel, user:<id> or group:<id>, as the configuration has them. */
const tagOf = (mention: string): string =>
  `<${mention
    .replace(/^user:/, '@')
    .replace(/^group:/, '!subteam^')
    .replace(/^(here|channel)$/, '!$1')}>`;

function titleOf(notice: Notice): string {
  const { heading } = partsOf(notice, slackStyle);
  return notice.run === null ? heading : `${heading}: ${words(notice.run.title, 180)}`;
}

function linked(notice: Notice, title: string): string {
  const link = httpUrl(partsOf(notice, slackStyle).url) ?? httpUrl(notice.run?.url);
  return link === null || link.length > 500 ? title : `<${escaped(link)}|${title}>`;
}

function attachmentOf(notice: Notice): object {
  const { color, description = '', fields = [] } = partsOf(notice, slackStyle);
  const { run } = notice;
  const shown = [...fields, ...commonFields(notice, slackStyle)].filter(([, value]) => value !== '');
  const blocks = [
    section(`*${linked(notice, titleOf(notice))}*`),
    ...(description === '' ? [] : [section(description)]),
    ...chunks(shown, LIMITS.fields).map((part) => ({
      type: 'section',
      fields: part.map(([name, value]) => ({ type: 'mrkdwn', text: cut(`*${name}*\n${value}`, LIMITS.field) })),
    })),
    ...(run === null
      ? []
      : [{ type: 'context', elements: [{ type: 'mrkdwn', text: `${words(run.taskKey, 100)} · run ${run.id}` }] }]),
  ];
  return { color: COLORS[color], blocks };
}

function listOf(notices: readonly Notice[]): object {
  const { heading, color, lines } = listed(notices, slackStyle, LIMITS.text - HEAD_ROOM, lineOf);
  const title = heading === null ? `${notices.length} events` : `${notices.length} × ${heading}`;
  return { color: COLORS[color], blocks: [section([`*${title}*`, ...lines].join('\n'))] };
}

/** For a list's title and the number of what it does not show. */
const HEAD_ROOM = 200;

const lineOf = (notice: Notice, heading: string | null): string =>
  `• ${linked(notice, notice.run === null || heading === null ? titleOf(notice) : words(notice.run.title, 90))}`;

export const slackTest = (): object => ({ text: 'AI Orchestrator can write here. Events are sent to this channel.' });

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, LIMITS.text) } });

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
