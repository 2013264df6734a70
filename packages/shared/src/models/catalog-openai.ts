import type { Dialect } from './catalog.ts';
import { type CatalogLine, modelsOf } from './catalog-line.ts';
import { type PriceRow, priceRow } from './price-row.ts';

const DATASET = 'npm @pydantic/genai-prices 0.1.8';
const LAUNCH_61 = 'https://docs.apiyi.com/en/news/gpt-6-1-sol-launch.md';
const RETIREMENTS = 'npm openai 7.57.0, ChatModel';
const CHECKED = '2026-11-22';

const CLASSIC: Dialect = {
  outputLimit: 'max_completion_tokens',
  temperature: 'accepted',
  efforts: [],
  reasoning: 'none',
  schema: 'supported',
  cache: 'automatic',
};
/** Reasons within max_completion_tokens, takes an effort, and refuses sampling options. */
const reasoning = (efforts: string, cache: Dialect['cache'] = 'automatic'): Dialect => ({
  ...CLASSIC,
  temperature: 'refused',
  efforts: efforts.split(' '),
  reasoning: 'default',
  cache,
});

/** Above this many input tokens the whole request costs double, its output half as much again. */
const LONG = 272_000;
/** The dataset counts exactly 272,000 tokens as long for these generations: the dearer reading is taken. */
const LONG_FROM = 271_999;

/** Columns of `usd`: input, cache read, output; or with 5-minute and 1-hour cache writes before output. */
const row = (from: string, usd: string, long?: { above: number; usd: string }, source = DATASET): PriceRow =>
  priceRow({ from, usd, source, checked: CHECKED, ...(long && { long }) });

const o200k = { tokenizer: 'o200k_base' } as const;
const mid = { contextTokens: 400_000, maxOutputTokens: 128_000, ...o200k };
const wide = { contextTokens: 1_050_000, maxOutputTokens: 128_000 };
const classic = { contextTokens: 1_047_576, maxOutputTokens: 32_768, dialect: CLASSIC, ...o200k };
const five = { ...mid, dialect: reasoning('minimal low medium high'), ends: '2026-12-11' };
const six = reasoning('none low medium high xhigh max', 'automatic-write');

const LINES: readonly CatalogLine[] = [
  {
    name: 'gpt-4.1',
    snapshots: ['gpt-4.1-2025-04-14'],
    ...classic,
    prices: [row('2025-04-14', '2 0.50 8')],
    ends: '2027-01-14',
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-4.1-mini',
    snapshots: ['gpt-4.1-mini-2025-04-14'],
    ...classic,
    prices: [row('2025-04-14', '0.40 0.10 1.60')],
    ends: '2027-01-14',
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-4.1-nano',
    snapshots: ['gpt-4.1-nano-2025-04-14'],
    ...classic,
    prices: [row('2025-04-14', '0.10 0.025 0.40')],
    ends: '2026-10-23',
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5',
    snapshots: ['gpt-5-2025-08-07'],
    ...five,
    prices: [row('2025-08-07', '1.25 0.125 10')],
    successor: 'gpt-6-sol',
  },
  {
    name: 'gpt-5-mini',
    snapshots: ['gpt-5-mini-2025-08-07'],
    ...five,
    prices: [row('2025-08-07', '0.25 0.025 2')],
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5-nano',
    snapshots: ['gpt-5-nano-2025-08-07'],
    ...five,
    prices: [row('2025-08-07', '0.05 0.005 0.40')],
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5.1',
    snapshots: ['gpt-5.1-2025-11-13'],
    ...mid,
    dialect: reasoning('none low medium high'),
    prices: [row('2025-11-13', '1.25 0.125 10')],
    ends: '2027-04-01',
    successor: 'gpt-6-sol',
  },
  {
    name: 'gpt-5.2',
    snapshots: ['gpt-5.2-2025-12-11'],
    ...mid,
    dialect: reasoning('none low medium high xhigh'),
    prices: [row('2025-12-11', '1.75 0.175 14')],
    successor: 'gpt-6-sol',
  },
  {
    name: 'gpt-5.4',
    snapshots: ['gpt-5.4-2026-03-05'],
    ...wide,
    ...o200k,
    dialect: reasoning('none low medium high xhigh'),
    prices: [row('2026-03-05', '2.50 0.25 15', { above: LONG_FROM, usd: '5 0.50 22.50' })],
    successor: 'gpt-6-sol',
  },
  {
    name: 'gpt-5.4-mini',
    snapshots: ['gpt-5.4-mini-2026-03-17'],
    ...mid,
    dialect: reasoning('none low medium high xhigh'),
    prices: [row('2026-03-17', '0.75 0.075 4.50')],
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5.4-nano',
    snapshots: ['gpt-5.4-nano-2026-03-17'],
    ...mid,
    dialect: reasoning('none low medium high xhigh'),
    prices: [row('2026-03-17', '0.20 0.02 1.25')],
    ends: '2027-04-01',
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5.5',
    snapshots: ['gpt-5.5-2026-04-23'],
    ...wide,
    ...o200k,
    dialect: reasoning('none low medium high xhigh'),
    prices: [row('2026-04-23', '5 0.50 30', { above: LONG_FROM, usd: '10 1 45' })],
    successor: 'gpt-6.1-sol',
  },
  {
    name: 'gpt-5.6-luna',
    ...wide,
    ...o200k,
    dialect: six,
    prices: [
      row('2026-07-09', '1 0.10 1.25 - 6', { above: LONG_FROM, usd: '2 0.20 2.50 - 9' }),
      row('2026-07-30', '0.20 0.02 0.25 - 1.20', { above: LONG_FROM, usd: '0.40 0.04 0.50 - 1.80' }),
    ],
    successor: 'gpt-6-luna',
  },
  {
    name: 'gpt-5.6-terra',
    ...wide,
    ...o200k,
    dialect: six,
    prices: [
      row('2026-07-09', '2.50 0.25 3.125 - 15', { above: LONG_FROM, usd: '5 0.50 6.25 - 22.50' }),
      row('2026-07-30', '2 0.20 2.50 - 12', { above: LONG_FROM, usd: '4 0.40 5 - 18' }),
    ],
    successor: 'gpt-6-sol',
  },
  {
    name: 'gpt-5.6-sol',
    ...wide,
    ...o200k,
    dialect: six,
    prices: [
      row('2026-07-09', '5 0.50 6.25 - 30', { above: LONG_FROM, usd: '10 1 12.50 - 45' }),
      row('2026-08-21', '4 0.40 5 - 20', { above: LONG_FROM, usd: '8 0.80 10 - 30' }),
    ],
    successor: 'gpt-6.1-sol',
  },
  {
    name: 'gpt-6-luna',
    ...wide,
    dialect: six,
    tokenizer: 'unknown',
    prices: [row('2026-09-22', '0.10 0.01 0.125 - 0.50', { above: LONG, usd: '0.20 0.02 0.25 - 0.75' })],
    successor: null,
  },
  {
    name: 'gpt-6-sol',
    ...wide,
    dialect: six,
    tokenizer: 'unknown',
    prices: [row('2026-09-22', '2 0.20 2.50 - 10', { above: LONG, usd: '4 0.40 5 - 15' })],
    successor: 'gpt-6.1-sol',
  },
  {
    name: 'gpt-6.1-sol',
    ...wide,
    dialect: reasoning('low medium high xhigh max', 'automatic-write'),
    tokenizer: 'unknown',
    prices: [row('2026-09-29', '2 0.10 2.50 - 10', { above: LONG, usd: '4 0.20 5 - 15' }, LAUNCH_61)],
    successor: null,
  },
];

export const OPENAI_MODELS = modelsOf('openai', LINES, RETIREMENTS);
