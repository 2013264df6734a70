import type { APIEmbed } from 'discord-api-types/v10';

/** Discord's limits, in UTF-16 units, which are never fewer than the characters that it counts. */
export const LIMITS = {
  embeds: 10,
  title: 256,
  description: 4_096,
  fields: 25,
  name: 256,
  value: 1_024,
  footer: 2_048,
  total: 6_000,
} as const;

/** The embed within Discord's limits: what is too long is cut, fields that are empty or too many are left out. */
export function fit(embed: APIEmbed): APIEmbed {
  const fields = (embed.fields ?? [])
    .map((field) => ({ ...field, name: shorten(field.name, LIMITS.name), value: shorten(field.value, LIMITS.value) }))
    .filter((field) => field.name !== '' && field.value !== '')
    .slice(0, LIMITS.fields);
  const fitted: APIEmbed = {
    ...embed,
    title: shorten(embed.title ?? '', LIMITS.title),
    description: shorten(embed.description ?? '', LIMITS.description),
    fields,
  };
  if (embed.footer) fitted.footer = { ...embed.footer, text: shorten(embed.footer.text, LIMITS.footer) };
  return withinTotal(fitted);
}

/** Fields go first, from the last one on; then the description gives way. */
function withinTotal(embed: APIEmbed): APIEmbed {
  const fields = [...(embed.fields ?? [])];
  while (fields.length > 0 && sizeOf({ ...embed, fields }) > LIMITS.total) fields.pop();
  const excess = sizeOf({ ...embed, fields }) - LIMITS.total;
  const description = embed.description ?? '';
  return {
    ...embed,
    fields,
    description: excess > 0 ? shorten(description, description.length - excess) : description,
  };
}

/** What Discord counts towards the total of a message. */
export const sizeOf = ({ title, description, footer, fields }: APIEmbed): number =>
  [title, description, footer?.text, ...(fields ?? []).flatMap(({ name, value }) => [name, value])].reduce(
    (sum, text) => sum + (text?.length ?? 0),
    0,
  );

/** Never ends within a character or an escape. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '');
  const escapes = /\\+$/.exec(kept)?.[0].length ?? 0;
  return `${escapes % 2 === 1 ? kept.slice(0, -1) : kept}…`;
}
