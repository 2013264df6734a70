import { z } from 'zod';

/** Lengths as Discord counts them: in Unicode characters. */
const text = (max: number) =>
  z.string().refine((value) => [...value].length <= max, `Must be ${max} or fewer in length.`);
const url = z.url({ protocol: /^https?$/, error: 'Not a well formed URL.' });

const Embed = z.object({
  title: text(256).optional(),
  description: text(4096).optional(),
  url: url.optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  footer: z.object({ text: text(2048), icon_url: url.optional() }).optional(),
  author: z.object({ name: text(256), url: url.optional() }).optional(),
  fields: z
    .array(z.object({ name: text(256).min(1), value: text(1024).min(1), inline: z.boolean().optional() }))
    .max(25)
    .optional(),
});

export const WebhookMessage = z.object({
  content: text(2000).nullish(),
  username: text(80).nullish(),
  avatar_url: url.nullish(),
  embeds: z.array(Embed).max(10).nullish(),
  allowed_mentions: z
    .object({ parse: z.array(z.string()).optional() })
    .loose()
    .nullish(),
  flags: z.int().optional(),
});
export type WebhookMessage = z.infer<typeof WebhookMessage>;

export interface DiscordProblem {
  readonly code: number;
  readonly message: string;
  readonly errors?: unknown;
}

/** All embeds of a message together may hold this many characters. */
const MAX_EMBED_CHARACTERS = 6_000;

/** Why Discord would answer 400; null where it would not. */
export function problemOf(body: unknown): DiscordProblem | null {
  const parsed = WebhookMessage.safeParse(body);
  if (!parsed.success) return { code: 50035, message: 'Invalid Form Body', errors: z.treeifyError(parsed.error) };
  const { content, embeds } = parsed.data;
  if (!content && !embeds?.length) return { code: 50006, message: 'Cannot send an empty message' };
  const characters = (embeds ?? []).reduce((sum, embed) => sum + embedCharacters(embed), 0);
  if (characters > MAX_EMBED_CHARACTERS) {
    return {
      code: 50035,
      message: 'Invalid Form Body',
      errors: { embeds: `Embed size exceeds maximum size of ${MAX_EMBED_CHARACTERS}` },
    };
  }
  return null;
}

function embedCharacters(embed: z.infer<typeof Embed>): number {
  const fields = (embed.fields ?? []).flatMap((field) => [field.name, field.value]);
  return [embed.title, embed.description, embed.footer?.text, embed.author?.name, ...fields].reduce(
    (sum, value) => sum + [...(value ?? '')].length,
    0,
  );
}
