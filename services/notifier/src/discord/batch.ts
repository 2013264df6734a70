import type { APIEmbed } from 'discord-api-types/v10';
import type { Notice } from '../channel.ts';
import { type Digest, digestOf } from '../told/digest.ts';
import { httpUrl } from '../told/http-url.ts';
import { listed } from '../told/listed.ts';
import { partsOf } from '../told/parts.ts';
import { defuse, discordStyle } from './defuse.ts';
import { COLORS, embedOf } from './embed.ts';
import { fit, LIMITS, sizeOf } from './fit.ts';

/** What one message says of several events: an embed each, or a list of those that are alike. */
export function embedsOf(notices: readonly Notice[]): APIEmbed[] {
  const digest = digestOf(notices, LIMITS.embeds);
  const embeds = drawn(digest, LIMITS.description);
  if (total(embeds) <= LIMITS.total) return embeds;
  // What does not fit one by one fits as lists: each gets an equal share of the room.
  const groups = [...Map.groupBy(notices, ({ type }) => type)].slice(0, LIMITS.embeds);
  const room = Math.floor(LIMITS.total / groups.length) - TITLE_ROOM;
  return drawn({ each: [], groups }, room);
}

/** For a list's heading and the number of what it does not show. */
const TITLE_ROOM = 100;

const total = (embeds: readonly APIEmbed[]): number => embeds.reduce((sum, embed) => sum + sizeOf(embed), 0);

const drawn = ({ each, groups }: Digest, maxCharacters: number): APIEmbed[] => [
  ...each.map(embedOf),
  ...groups.map(([, notices]) => listOf(notices, maxCharacters)),
];

function listOf(notices: readonly Notice[], maxCharacters: number): APIEmbed {
  const { heading, color, lines } = listed(notices, discordStyle, maxCharacters - MORE_ROOM, lineOf);
  const [first] = notices as readonly [Notice, ...Notice[]];
  const several = heading === null ? `${notices.length} events` : `${notices.length} × ${heading}`;
  return fit({
    title: heading !== null && notices.length === 1 ? heading : several,
    color: COLORS[color],
    timestamp: (notices.at(-1) ?? first).at.toISOString(),
    description: lines.join('\n'),
  });
}

const MORE_ROOM = 30;
const MAX_LINE_TITLE = 90;
/** A longer address is left out: half of one leads nowhere. */
const MAX_LINE_URL = 300;

function lineOf(notice: Notice, heading: string | null): string {
  const { run } = notice;
  const own = partsOf(notice, discordStyle);
  const title = run === null ? own.heading : defuse(run.title, MAX_LINE_TITLE);
  const url = httpUrl(own.url) ?? httpUrl(run?.url);
  const linked = url !== null && url.length <= MAX_LINE_URL && !/[()\s]/.test(url) ? `[${title}](<${url}>)` : title;
  return `- ${run === null || own.heading === heading ? '' : `${own.heading}: `}${linked}`;
}
