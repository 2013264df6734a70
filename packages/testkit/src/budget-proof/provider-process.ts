import { startOpenAiServer } from '../openai/server.ts';
import type { Answer, Ask } from '../scripts/script.ts';
import { killProcess, readPlan } from './kill-points.ts';
import { pick, randomSequence } from './random.ts';

/**
 * The vendor, in a process of its own: it speaks Chat Completions, keeps its own bill by its own prices, answers as badly
 * as vendors do, and kills askers that ask for it. Its parent asks for the bill with any message.
 */
const random = randomSequence(Number(process.argv[2] ?? 1));
/** Share of the answers that go wrong. */
const faultRate = Number(process.argv[3] ?? 0);
const server = await startOpenAiServer({ script: answer });

process.on('message', () =>
  process.send?.({ meteredNanoUsd: String(server.meter.nanoUsd), billed: server.meter.requests }),
);
process.once('disconnect', () => process.exit(0));
process.send?.({ url: server.url });

function answer(ask: Ask): Answer {
  const text = 'word '.repeat(1 + Math.floor(random() * 60));
  const plan = readPlan(ask.messages.map((message) => message.content).join('\n'));
  if (plan?.point === 'mid-request') {
    setTimeout(() => killProcess(plan.pid), random() * 3);
    return { text, latencyMs: 30 };
  }
  if (plan?.point === 'mid-stream') {
    setTimeout(() => killProcess(plan.pid), 12 + random() * 20);
    return { text, chunkDelayMs: 10 };
  }
  return random() < faultRate ? { text, ...pick(random, FAULTS) } : { text, latencyMs: random() * 10 };
}

const FAULTS: readonly Partial<Answer>[] = [
  { fault: { kind: 'status', status: 429, retryAfterSeconds: 1 } },
  { fault: { kind: 'status', status: 500 } },
  { fault: { kind: 'status', status: 529 } },
  { fault: { kind: 'truncate' } },
  { fault: { kind: 'reset', when: 'before-headers' } },
  { fault: { kind: 'reset', when: 'mid-body' } },
  { fault: { kind: 'stream-error', type: 'server_error' } },
  { fault: { kind: 'missing-usage' } },
  { fault: { kind: 'malformed' } },
  { fault: { kind: 'hang', when: 'mid-body' } },
];
