import { startAnthropicServer } from '../../anthropic/server.ts';
import { startGitHubServer } from '../../github/server.ts';
import { startOpenAiServer } from '../../openai/server.ts';
import type { Script } from '../../scripts/script.ts';
import { startWebhookReceiver } from '../../webhook/receiver.ts';
import { answerTo } from './answers.ts';
import { GITHUB_REPOSITORY, type ModelAnswer, type NoticeRecord, type VendorRecords } from './vendor-records.ts';

/** All vendors in a process of their own, with their own records, which they hand out when asked. Ends with its parent. */
const answers: ModelAnswer[] = [];
const script: Script = (ask) => {
  const { record, answer } = answerTo(ask);
  answers.push(record);
  return answer;
};
const anthropic = await startAnthropicServer({ script });
const openai = await startOpenAiServer({ script });
// The channel that gets each event in a message of its own.
const receiver = await startWebhookReceiver();
const [gitDirectory = '', token = ''] = process.argv.slice(2);
const github = await startGitHubServer({ ...GITHUB_REPOSITORY, gitDirectory, token });

process.on('message', () => {
  const records: VendorRecords = {
    answers,
    meteredNanoUsd: String(anthropic.meter.nanoUsd + openai.meter.nanoUsd),
    notices: receiver.taken.map(noticeOf),
    pulls: github.pulls.map(({ number, head, headSha, state }) => ({ number, branch: head, headSha, state })),
  };
  process.send?.(records);
});
process.once('disconnect', () => process.exit(0));
process.send?.({
  anthropicUrl: anthropic.url,
  openaiUrl: openai.url,
  webhookUrl: receiver.webhookUrl,
  githubUrl: github.url,
});

function noticeOf(body: unknown): NoticeRecord {
  const { type, at, run } = body as { type: string; at: string; run: { id: string } | null };
  return { runId: run?.id ?? null, title: type, at };
}
