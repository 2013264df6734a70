import type { APIEmbed } from 'discord-api-types/v10';
import type { Notice } from '../channel.ts';
import { commonFields } from '../told/common-fields.ts';
import { httpUrl } from '../told/http-url.ts';
import { type Color, partsOf } from '../told/parts.ts';
import { defuse, discordStyle } from './defuse.ts';
import { fit } from './fit.ts';

export const COLORS = {
  blue: 0x3498db,
  green: 0x2ecc71,
  yellow: 0xf1c40f,
  orange: 0xe67e22,
  red: 0xe74c3c,
  grey: 0x95a5a6,
} as const satisfies Record<Color, number>;

/** The event as one embed within Discord's limits. */
export function embedOf(notice: Notice): APIEmbed {
  const { heading, color, description, fields = [], url } = partsOf(notice, discordStyle);
  const { run } = notice;
  const link = httpUrl(url) ?? httpUrl(run?.url);
  const common = commonFields(notice, discordStyle);
  return fit({
    title: run === null ? heading : `${heading}: ${defuse(run.title, 180)}`,
    color: COLORS[color],
    timestamp: notice.at.toISOString(),
    fields: [...fields, ...common].map(([name, value]) => ({ name, value, inline: value.length <= 40 })),
    ...(description === undefined ? {} : { description }),
    ...(link === null ? {} : { url: link }),
    ...(run === null ? {} : { footer: { text: `${run.taskKey} · run ${run.id}` } }),
  });
}

/** Says that the channel works. */
export const testEmbed = (): APIEmbed =>
  fit({
    title: 'AI Orchestrator can write here',
    description: 'Events are sent to this channel.',
    color: COLORS.blue,
    timestamp: new Date().toISOString(),
  });
