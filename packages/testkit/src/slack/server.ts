import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type RecordedRequest, recordRequests } from '../http/recorded-request.ts';
import { type Faults, scriptFaults } from '../http/scripted-faults.ts';
import { createApp, listen, type RunningServer } from '../http/server.ts';

const text = (max: number) => z.object({ type: z.enum(['mrkdwn', 'plain_text']), text: z.string().min(1).max(max) });
/** Slack's documented limits of blocks. */
const Section = z.strictObject({
  type: z.literal('section'),
  text: text(3_000).optional(),
  fields: z.array(text(2_000)).min(1).max(10).optional(),
});
const Context = z.strictObject({ type: z.literal('context'), elements: z.array(text(3_000)).min(1).max(10) });
const Message = z.object({
  text: z.string().min(1).max(40_000),
  unfurl_links: z.boolean().optional(),
  attachments: z
    .array(z.object({ color: z.string().optional(), blocks: z.array(z.union([Section, Context])).max(50) }))
    .max(100)
    .optional(),
});
export type SlackMessage = z.infer<typeof Message>;

export interface SlackServer extends RunningServer {
  /** What SLACK_WEBHOOK_URL takes. */
  readonly webhookUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly messages: readonly SlackMessage[];
  readonly faults: Faults;
  /** As when somebody removes the webhook: 404 no_service from now on. */
  readonly deleteWebhook: () => void;
}

/** A server that speaks Slack's incoming webhooks: plain-text answers, one word for each mistake. */
export async function startSlackServer(): Promise<SlackServer> {
  const app = createApp();
  const requests = recordRequests(app);
  const faults = scriptFaults(app);
  const messages: SlackMessage[] = [];
  const path = `/services/T000/B000/${randomBytes(12).toString('hex')}`;
  let exists = true;
  app.post('/services/*', async (request, reply) => {
    if (!exists || request.url !== path) return reply.code(404).type('text/plain').send('no_service');
    const parsed = Message.safeParse(request.body);
    if (!parsed.success) return reply.code(400).type('text/plain').send('invalid_blocks');
    messages.push(parsed.data);
    return reply.type('text/plain').send('ok');
  });
  const server = await listen(app, 0);
  return {
    ...server,
    webhookUrl: `${server.url}${path}`,
    requests,
    messages,
    faults,
    deleteWebhook() {
      exists = false;
    },
  };
}
