import { join } from 'node:path';
import { getTokenizer } from '@anthropic-ai/tokenizer';
import type { BoundedRequest } from '@orchestrator/shared/models/bounds.ts';
import { findModel } from '@orchestrator/shared/models/catalog.ts';
import { byteBound, inputBound } from '@orchestrator/shared/models/input-bound.ts';
import { encodeChat } from 'gpt-tokenizer/model/gpt-4.1';
import { randomSequence } from './budget-proof/random.ts';
import { anyText, repositoryTexts } from './prompt-samples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const AT = new Date('2026-11-22T00:00:00Z');
const GPT = findModel('openai/gpt-4.1');
const CLAUDE = findModel('anthropic/claude-sonnet-4-5');

const ask = (system: string, ...messages: string[]): BoundedRequest => ({
  system,
  messages: messages.map((content) => ({ role: 'user', content })),
  maxOutputTokens: 1_000,
});

/** Input tokens by OpenAI's published chat format and its public tokenizer. */
const actualGpt = ({ system, messages }: BoundedRequest): number =>
  encodeChat([{ role: 'system', content: system }, ...messages], undefined, { disallowedSpecial: new Set() }).length;

export interface Soundness {
  readonly prompts: number;
  /** Requests whose bound was below what they take; the first of them, as JSON. */
  readonly below: number;
  readonly example: string | null;
  /** The largest share of its bound that a request took. */
  readonly closest: number;
}

/**
 * Compares the bound, and the bound by bytes alone, with what generated requests take: code, prose, CJK, emoji, base64,
 * text that grows when it is composed, special tokens, broken Unicode. Each tenth also by Anthropic's only public
 * tokenizer, of earlier models.
 */
export async function checkSoundness(prompts: number, seed = 20_261_122): Promise<Soundness> {
  const random = randomSequence(seed);
  const legacyClaude = getTokenizer();
  let below = 0;
  let example: string | null = null;
  let closest = 0;
  for (let i = 0; i < prompts; i++) {
    const messages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => anyText(random, 150));
    const request = ask(anyText(random, 60), ...messages);
    const actual = actualGpt(request);
    const bytes = byteBound(request);
    const bound = await inputBound(GPT, request, { at: AT });
    const legacy =
      i % 10 === 0
        ? [request.system, ...messages].reduce(
            (sum, text) => sum + legacyClaude.encode(text.normalize('NFKC'), 'all').length,
            0,
          )
        : 0;
    closest = Math.max(closest, actual / bound);
    if (bound >= actual && bytes >= actual && bytes >= legacy) continue;
    below += 1;
    example ??= JSON.stringify({ request, bound, bytes, actual, legacy });
  }
  legacyClaude.free();
  return { prompts, below, example, closest };
}

export interface Tightness {
  readonly prompts: number;
  /** Median of reserved input by actual input, where the tokenizer is public. */
  readonly openai: number;
  /** The same where the vendor counts; its count is taken to be off by up to one percent either way. */
  readonly claude: number;
  /** The smallest ratio of all: below 1 a bound was too low. */
  readonly least: number;
}

/** How much more is reserved for input than is taken, over prompts made of this project's own files. */
export async function measureTightness(prompts: number, seed = 7): Promise<Tightness> {
  const texts = ['packages/shared/src', 'packages/testkit/src', 'services/coder/src', 'services/validator/src', 'docs']
    .flatMap((folder) => repositoryTexts(join(ROOT, folder), /\.(ts|md|prisma|sql|json)$/, 60_000))
    .filter((text) => !text.includes('@generated'));
  const random = randomSequence(seed);
  const openai: number[] = [];
  const claude: number[] = [];
  for (let i = 0; i < prompts; i++) {
    // A prompt as the stages ask it: files until some six to thirty thousand tokens are full.
    let prompt = '';
    const size = 24_000 + random() * 90_000;
    while (prompt.length < size) prompt += `\n--- file ---\n${texts[Math.floor(random() * texts.length)]}`;
    const request = ask('You write specifications.', prompt);
    const actual = actualGpt(request);
    openai.push((await inputBound(GPT, request, { at: AT })) / actual);
    const counted = Math.round(actual * (0.99 + random() * 0.02));
    claude.push((await inputBound(CLAUDE, request, { at: AT, countTokens: async () => counted })) / actual);
  }
  return { prompts, openai: median(openai), claude: median(claude), least: Math.min(...openai, ...claude) };
}

const median = (list: number[]): number =>
  Number((list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN).toFixed(4));
