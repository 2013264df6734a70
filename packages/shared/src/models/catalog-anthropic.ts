import type { Dialect } from './catalog.ts';
import { type CatalogLine, modelsOf } from './catalog-line.ts';
import { type PriceRow, priceRow } from './price-row.ts';

const VENDOR = 'https://platform.claude.com/docs/en/about-claude/pricing';
const DATASET = 'npm @pydantic/genai-prices 0.1.8';
const RETIREMENTS = 'npm @anthropic-ai/sdk 1.12.0, DEPRECATED_MODELS';
const CHECKED = '2026-11-22';

const CLASSIC: Dialect = {
  outputLimit: 'max_tokens',
  temperature: 'accepted',
  efforts: [],
  reasoning: 'none',
  schema: 'supported',
  cache: 'marker',
};
const EFFORT: Dialect = { ...CLASSIC, efforts: ['low', 'medium', 'high'] };
/** Thinks by itself within max_tokens, and refuses sampling options. */
const ADAPTIVE: Dialect = { ...EFFORT, temperature: 'refused', reasoning: 'default' };
const ALWAYS: Dialect = { ...ADAPTIVE, reasoning: 'always' };

/** Columns of `usd`: input, cache read, 5-minute write, 1-hour write, output. */
const row = (from: string, usd: string, source: string, long?: { above: number; usd: string }): PriceRow =>
  priceRow({ from, usd, source, checked: CHECKED, ...(long && { long }) });

const LINES: readonly CatalogLine[] = [
  {
    name: 'claude-sonnet-4-5',
    snapshots: ['claude-sonnet-4-5-20250929'],
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    dialect: CLASSIC,
    tokenizer: 'claude',
    prices: [row('2025-09-29', '3 0.30 3.75 6 15', DATASET, { above: 200_000, usd: '6 0.60 7.50 12 22.50' })],
    ends: '2026-11-30',
    successor: 'claude-sonnet-5-5',
  },
  {
    name: 'claude-sonnet-4-6',
    contextTokens: 1_000_000,
    maxOutputTokens: 64_000,
    dialect: EFFORT,
    tokenizer: 'claude',
    prices: [
      row('2026-02-17', '3 0.30 3.75 6 15', DATASET, { above: 200_000, usd: '6 0.60 7.50 12 22.50' }),
      row('2026-03-13', '3 0.30 3.75 6 15', DATASET),
    ],
    successor: 'claude-sonnet-5-5',
  },
  {
    name: 'claude-sonnet-5',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [row('2026-06-30', '2 0.20 2.50 4 10', VENDOR)],
    successor: 'claude-sonnet-5-5',
  },
  {
    name: 'claude-sonnet-5-5',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [row('2026-09-28', '2 0.20 2.50 4 10', VENDOR), row('2026-10-07', '2 0.10 2.50 4 10', VENDOR)],
    successor: null,
  },
  {
    name: 'claude-haiku-4-5',
    snapshots: ['claude-haiku-4-5-20251001'],
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    dialect: CLASSIC,
    tokenizer: 'claude',
    prices: [row('2025-10-15', '1 0.10 1.25 2 5', DATASET)],
    successor: 'claude-haiku-5-5',
  },
  {
    name: 'claude-haiku-5-5',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [
      row('2026-10-07', '0.10 0.01 0.125 0.20 0.50', 'https://platform.claude.com/docs/en/models/haiku-5-5/overview', {
        above: 100_000,
        usd: '0.50 0.05 0.625 1 2.50',
      }),
    ],
    successor: null,
  },
  {
    name: 'claude-opus-4-5',
    snapshots: ['claude-opus-4-5-20251101'],
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    dialect: EFFORT,
    tokenizer: 'claude',
    prices: [row('2025-11-24', '5 0.50 6.25 10 25', VENDOR)],
    successor: 'claude-opus-5-5',
  },
  {
    name: 'claude-opus-4-6',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: EFFORT,
    tokenizer: 'claude',
    prices: [
      row('2026-02-05', '5 0.50 6.25 10 25', DATASET, { above: 200_000, usd: '10 1 12.50 20 37.50' }),
      row('2026-03-13', '5 0.50 6.25 10 25', VENDOR),
    ],
    successor: 'claude-opus-5-5',
  },
  {
    name: 'claude-opus-4-7',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [row('2026-04-16', '5 0.50 6.25 10 25', VENDOR)],
    successor: 'claude-opus-5-5',
  },
  {
    name: 'claude-opus-4-8',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [row('2026-05-28', '5 0.50 6.25 10 25', VENDOR)],
    successor: 'claude-opus-5-5',
  },
  {
    name: 'claude-opus-5',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ADAPTIVE,
    tokenizer: 'claude-2026',
    prices: [row('2026-07-24', '5 0.50 6.25 10 25', VENDOR)],
    successor: 'claude-opus-5-5',
  },
  {
    name: 'claude-opus-5-5',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    dialect: ALWAYS,
    tokenizer: 'claude-2026',
    prices: [row('2026-09-22', '4 0.20 5 8 20', DATASET)],
    successor: null,
  },
];

export const ANTHROPIC_MODELS = modelsOf('anthropic', LINES, RETIREMENTS);
