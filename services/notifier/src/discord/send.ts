import type { Notice, Sending, SendResult } from '../channel.ts';
import { mentionsFor } from '../told/mentions.ts';
import { embedsOf } from './batch.ts';
import { defuse } from './defuse.ts';
import { embedOf } from './embed.ts';
import { type DiscordAnswer, editMessage, makeMessage, NO_FORUM, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE } from './post.ts';
import { runEmbed } from './run-embed.ts';

/** Sends notices as the rules say: as a message, in the run's own message, or in the run's own thread. */
export function sendNotices(webhookUrl: string, sending: Sending): Promise<SendResult> {
  const [first, ...others] = sending.history;
  if (first === undefined) return plain(webhookUrl, sending);
  return sending.rules.discord === 'thread'
    ? inThread(webhookUrl, sending)
    : inPlace(webhookUrl, sending, [first, ...others]);
}

const calledBy = ({ notices, rules }: Sending): string[] =>
  mentionsFor(notices, rules.mentions, ({ discord }) => discord);

async function plain(webhookUrl: string, sending: Sending): Promise<SendResult> {
  const message = { embeds: embedsOf(sending.notices), mentions: calledBy(sending) };
  return (await makeMessage(webhookUrl, message, null, sending.signal)).result;
}

/** One message a run. An edit calls nobody, so who is to be called gets a message besides. */
async function inPlace(
  webhookUrl: string,
  sending: Sending,
  history: readonly [Notice, ...Notice[]],
): Promise<SendResult> {
  const { message, signal } = sending;
  const embeds = [runEmbed(history)];
  const mentions = calledBy(sending);
  if (message !== null) {
    const edited = await editMessage(webhookUrl, { ...message, threadId: threadOf(webhookUrl) }, embeds, signal);
    if (edited.result.kind !== 'sent') {
      // Somebody deleted it: it begins anew.
      if (!refusedAs(edited, UNKNOWN_MESSAGE)) return edited.result;
    } else {
      if (mentions.length === 0) return { ...edited.result, message };
      const last = sending.notices.at(-1) ?? sending.notices[0];
      const called = await makeMessage(webhookUrl, { embeds: [embedOf(last)], mentions }, null, signal);
      return called.result.kind === 'sent' ? { ...called.result, message } : called.result;
    }
  }
  const made = await makeMessage(webhookUrl, { embeds, mentions }, null, signal);
  return withMessage(made);
}

/** A thread a run: it is begun with the first message. Where the channel is no forum, there are only messages. */
async function inThread(webhookUrl: string, sending: Sending): Promise<SendResult> {
  const { message, notices, signal } = sending;
  const content = { embeds: embedsOf(notices), mentions: calledBy(sending) };
  if (message?.threadId) {
    const added = await makeMessage(webhookUrl, content, message.threadId, signal);
    if (!refusedAs(added, UNKNOWN_CHANNEL))
      return added.result.kind === 'sent' ? { ...added.result, message } : added.result;
  }
  const begun = await makeMessage(webhookUrl, { ...content, threadName: threadName(notices[0]) }, null, signal);
  if (!refusedAs(begun, NO_FORUM)) return withMessage(begun);
  return (await makeMessage(webhookUrl, content, null, signal)).result;
}

const MAX_THREAD_NAME = 100;

/** A name is plain text, and must not be empty. */
const threadName = ({ run }: Notice): string =>
  defuse(run?.title ?? '', MAX_THREAD_NAME)
    .replace(/\\(.)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim() ||
  run?.taskKey.slice(0, MAX_THREAD_NAME) ||
  'Run';

const refusedAs = ({ result, code }: DiscordAnswer, known: number): boolean =>
  result.kind === 'refused' && code === known;

const withMessage = ({ result, made }: DiscordAnswer): SendResult =>
  result.kind === 'sent' && made !== null ? { ...result, message: made } : result;

/** The thread that the address itself names, if it does. */
const threadOf = (webhookUrl: string): string | null => new URL(webhookUrl).searchParams.get('thread_id');
