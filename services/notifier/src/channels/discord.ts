import { defineChannel } from '../channel.ts';
import { testEmbed } from '../discord/embed.ts';
import { makeMessage } from '../discord/post.ts';
import { sendNotices } from '../discord/send.ts';

/** A Discord webhook: DISCORD_WEBHOOK_URL. Without it Discord is silent. */
export default defineChannel({
  id: 'discord',
  gathers: true,
  keepsRuns: ({ discord }) => discord !== 'events',
  address: (env) => env.DISCORD_WEBHOOK_URL,
  configured: (env) => env.DISCORD_WEBHOOK_URL !== undefined,
  send: (sending) => sendNotices(sending.env.DISCORD_WEBHOOK_URL as string, sending),
  sendTest: async (env, signal) =>
    (await makeMessage(env.DISCORD_WEBHOOK_URL as string, { embeds: [testEmbed()] }, null, signal)).result,
});
