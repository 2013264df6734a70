import { defineChannel } from '../channel.ts';
import { embedOf, testEmbed } from '../discord/embed.ts';
import { postEmbed } from '../discord/post.ts';

/** A Discord webhook: DISCORD_WEBHOOK_URL. Without it Discord is silent. */
export default defineChannel({
  id: 'discord',
  configured: (env) => env.DISCORD_WEBHOOK_URL !== undefined,
  send: (notice, env, signal) => postEmbed(env.DISCORD_WEBHOOK_URL as string, embedOf(notice), signal),
  sendTest: (env, signal) => postEmbed(env.DISCORD_WEBHOOK_URL as string, testEmbed(), signal),
});
