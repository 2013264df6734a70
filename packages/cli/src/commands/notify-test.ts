import { services } from '@orchestrator/embedded/services.ts';
import { ERRORS } from '@orchestrator/shared/errors/errors.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';

export default defineCommand({
  name: 'notify test',
  summary: 'send a test message to every channel that has an address',
  input: z.object({}),
  examples: [['DISCORD_WEBHOOK_URL=https://... orchestrator notify test', 'is the webhook right?']],
  logs: 'query',
  async run({ env, signal }) {
    const { sendTest } = await services.sendTest();
    const channels = await sendTest(env, signal);
    const failed = channels.filter(({ result }) => result === 'failed');
    return {
      data: { channels },
      exitCode: failed.length > 0 ? ERRORS.NOTIFY_FAILED.exit : 0,
      render: ({ paint }) =>
        channels
          .map(
            ({ channel, result, reason }) =>
              `${channel}: ${paint(result === 'sent' ? 'green' : result === 'failed' ? 'red' : 'dim', { sent: 'sent', silent: 'no address is set, so nothing is sent', failed: `failed: ${reason ?? ''}` }[result])}`,
          )
          .join('\n') || 'There is no channel.',
    };
  },
});
