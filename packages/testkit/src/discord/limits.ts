import { z } from 'zod';

/**
 * What Discord documents of messages of webhooks, as far as the project sends any. Unknown keys are refused too, which
 * Discord would pass over: here they can only be mistakes.
 */

/** Lengths as Discord counts them: in Unicode characters. */
const text = (max: number) =>
  z.string().refine((value) => [...value].length <= max, `Must be ${max} or fewer in length.`);
const url = z.url({ protocol: /^https?$/, error: 'Not a well formed URL.' }).max(2_048);
const snowflake = z.string().regex(/^\d{1,20}$/, 'is not snowflake.');

const Embed = z.strictObject({
  title: text(256).optional(),
  description: text(4096).optional(),
  url: url.optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  footer: z.strictObject({ text: text(2048).min(1), icon_url: url.optional() }).optional(),
  author: z.strictObject({ name: text(256).min(1), url: url.optional(), icon_url: url.optional() }).optional(),
  fields: z
    .array(z.strictObject({ name: text(256).min(1), value: text(1024).min(1), inline: z.boolean().optional() }))
    .max(25)
    .optional(),
});

const AllowedMentions = z
  .strictObject({
    parse: z.array(z.enum(['roles', 'users', 'everyone'])).optional(),
    roles: z.array(snowflake).max(100).optional(),
    users: z.array(snowflake).max(100).optional(),
    replied_user: z.boolean().optional(),
  })
  .refine(
    ({ parse, roles }) => !(parse?.includes('roles') && roles?.length),
    'parse:["roles"] and roles: [ids...] are mutually exclusive.',
  )
  .refine(
    ({ parse, users }) => !(parse?.includes('users') && users?.length),
    'parse:["users"] and users: [ids...] are mutually exclusive.',
  );

/** SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS are the ones that a webhook may set. */
const FLAGS = (1 << 2) | (1 << 12);

const EditedMessage = z.strictObject({
  content: text(2000).nullish(),
  embeds: z.array(Embed).max(10).nullish(),
  allowed_mentions: AllowedMentions.nullish(),
});

export const WebhookMessage = EditedMessage.extend({
  username: text(80)
    .min(1)
    .refine((name) => !/discord|clyde/i.test(name), 'Username cannot contain "discord" or "clyde".')
    .refine((name) => !/^(everyone|here)$/i.test(name), 'Username is reserved.')
    .nullish(),
  avatar_url: url.nullish(),
  tts: z.boolean().optional(),
  thread_name: text(100).min(1).optional(),
  applied_tags: z.array(snowflake).max(5).optional(),
  flags: z
    .int()
    .refine((flags) => (flags & ~FLAGS) === 0, 'Invalid flags.')
    .optional(),
});
export type WebhookMessage = z.infer<typeof WebhookMessage>;

export interface DiscordProblem {
  readonly code: number;
  readonly message: string;
  readonly errors?: unknown;
}

/** All embeds of a message together may hold this many characters. */
const MAX_EMBED_CHARACTERS = 6_000;

/** Why Discord would answer 400; null where it would not. `edit`: of a message that exists. */
export function problemOf(body: unknown, edit = false): DiscordProblem | null {
  const parsed = (edit ? EditedMessage : WebhookMessage).safeParse(body);
  if (!parsed.success) return { code: 50035, message: 'Invalid Form Body', errors: z.treeifyError(parsed.error) };
  const { content, embeds } = parsed.data;
  if (!content && !embeds?.some((embed) => Object.keys(embed).length > 0))
    return { code: 50006, message: 'Cannot send an empty message' };
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
