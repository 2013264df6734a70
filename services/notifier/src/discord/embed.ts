import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { APIEmbed } from 'discord-api-types/v10';
import type { Notice } from '../channel.ts';
import { defuse, httpUrl } from './defuse.ts';
import { fit } from './fit.ts';
import { PARTS } from './parts.ts';

const COLORS = {
  blue: 0x3498db,
  green: 0x2ecc71,
  yellow: 0xf1c40f,
  orange: 0xe67e22,
  red: 0xe74c3c,
  grey: 0x95a5a6,
} as const;
export type Color = keyof typeof COLORS;

/** What an event says, as texts that are Discord Markdown already. */
export interface EmbedParts {
  readonly heading: string;
  readonly color: Color;
  readonly description?: string;
  /** Empty values are left out. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly url?: string | null;
}

/** The event as one embed within Discord's limits. */
export function embedOf(notice: Notice): APIEmbed {
  const { heading, color, description, fields = [], url } = PARTS[notice.type](notice);
  const { run, repository } = notice;
  const link = httpUrl(url) ?? httpUrl(run?.url);
  const common: [string, string][] = [
    ['Repository', defuse(repository?.name ?? '', 200)],
    ['Cost so far', run !== null && run.costNanoUsd > 0n ? formatUsd(run.costNanoUsd, 4) : ''],
  ];
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
