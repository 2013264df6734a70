import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startAnthropicServer } from './anthropic/server.ts';
import { startOpenAiServer } from './openai/server.ts';
import { recordedAnswers } from './scripts/recorded-answers.ts';

/**
 * Both model servers as a process of their own, answering from a folder of recorded answers:
 *
 *   node serve-models.ts <folder> [--latency-ms N] [--chunk-delay-ms N] [--anthropic-port N] [--openai-port N] [--host H]
 *
 * Prints one JSON line with the base URLs when both listen. A line on standard input is answered by a line with the
 * bill so far; the end of standard input, where it is a pipe, or SIGTERM, ends the process.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'latency-ms': { type: 'string', default: '0' },
    'chunk-delay-ms': { type: 'string', default: '0' },
    'anthropic-port': { type: 'string', default: '0' },
    'openai-port': { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
const folder = positionals[0];
if (!folder) throw new Error('Give the folder of recorded answers.');

const script = recordedAnswers(folder, {
  latencyMs: Number(values['latency-ms']),
  chunkDelayMs: Number(values['chunk-delay-ms']),
});
const anthropic = await startAnthropicServer({ script, host: values.host, port: Number(values['anthropic-port']) });
const openai = await startOpenAiServer({ script, host: values.host, port: Number(values['openai-port']) });
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
print({ anthropicUrl: anthropic.url, openaiUrl: openai.url, pid: process.pid });

async function stop(): Promise<void> {
  await Promise.all([anthropic.close(), openai.close()]);
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// With a pipe the server ends with its parent, however that died.
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  process.stdin.on('data', () => {
    print({
      meteredNanoUsd: String(anthropic.meter.nanoUsd + openai.meter.nanoUsd),
      generations: anthropic.generations.length + openai.generations.length,
      billed: anthropic.meter.requests + openai.meter.requests,
    });
  });
  process.stdin.once('end', stop);
}
