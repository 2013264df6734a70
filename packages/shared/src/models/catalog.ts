import type { OrchestratorConfig } from '../config/schema.ts';
import { AppError } from '../errors/app-error.ts';
import { ANTHROPIC_MODELS } from './catalog-anthropic.ts';
import { OPENAI_MODELS } from './catalog-openai.ts';
import type { PriceRow } from './price-row.ts';

/** How a request to the model has to be worded. */
export interface Dialect {
  /** `max_completion_tokens` counts reasoning too. Anthropic always takes `max_tokens`. */
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens';
  /** Takes a `temperature`. */
  readonly temperature: 'accepted' | 'refused';
  /** Values of the effort option; empty: it has none. */
  readonly efforts: readonly string[];
  /** Spends output tokens on reasoning: never, unless told otherwise, or whatever it is told. */
  readonly reasoning: 'none' | 'default' | 'always';
  /** Takes a JSON Schema for its answer. */
  readonly schema: 'supported' | 'unsupported';
  /** `marker`: by cache_control (5 minutes); `automatic`: by the vendor, free to write; `automatic-write`: and writes cost. */
  readonly cache: 'none' | 'marker' | 'automatic' | 'automatic-write';
}

export type Tokenizer = 'o200k_base' | 'claude' | 'claude-2026' | 'unknown';

export interface Model {
  /** provider/name, exact. */
  readonly id: string;
  readonly provider: 'anthropic' | 'openai';
  /** What is sent as `model`. */
  readonly name: string;
  /** The undated name. The vendor may answer with it or with a dated snapshot of it: see isEcho. */
  readonly family: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly dialect: Dialect;
  readonly tokenizer: Tokenizer;
  /** Ascending by validFrom. */
  readonly prices: readonly PriceRow[];
  /** The instant from which the vendor no longer answers, and where that was read. */
  readonly retirement: { readonly at: string; readonly source: string } | null;
  /** The id to use afterwards. */
  readonly successor: string | null;
}

export type CatalogOverrides = OrchestratorConfig['models']['catalog'];

const BUILT_IN: readonly Model[] = [...ANTHROPIC_MODELS, ...OPENAI_MODELS];

/** Every model that may be called; an override replaces the built-in entry of the same id. */
export function listModels(overrides: CatalogOverrides = []): readonly Model[] {
  const models = new Map(BUILT_IN.map((model) => [model.id, model]));
  for (const override of overrides) models.set(override.id, fromOverride(override, models.get(override.id)));
  return [...models.values()];
}

/** The model with exactly this id. Throws MODEL_UNKNOWN: what is not exactly known has no price and is not called. */
export function findModel(id: string, overrides: CatalogOverrides = []): Model {
  const override = overrides.findLast((entry) => entry.id === id);
  const known = BUILT_IN.find((model) => model.id === id);
  if (override) return fromOverride(override, known);
  if (!known) throw new AppError('MODEL_UNKNOWN', { model: id });
  return known;
}

/**
 * Whether the `model` of a vendor's answer is the model that was priced: the name itself, or a dated snapshot of it.
 * Anything else was served by another model, at a price that nobody reserved.
 */
export function isEcho(model: Model, answered: string): boolean {
  if (answered === model.name || answered === model.family) return true;
  const dated = answered.startsWith(`${model.family}-`) ? answered.slice(model.family.length + 1) : '';
  return (
    model.name === model.family && (model.provider === 'anthropic' ? /^\d{8}$/ : /^\d{4}-\d{2}-\d{2}$/).test(dated)
  );
}

/** Nano-dollars per million tokens = 1/1000 pico-dollar per token: nothing is lost that a vendor could charge. */
const perToken = (nanoUsdPerMTok: bigint): bigint => (nanoUsdPerMTok + 999n) / 1000n;

function fromOverride(override: CatalogOverrides[number], known: Model | undefined): Model {
  const [provider, ...rest] = override.id.split('/');
  const name = rest.join('/');
  if ((provider !== 'anthropic' && provider !== 'openai') || name === '') {
    throw new AppError('CONFIG_INVALID', {
      file: 'orchestrator.yaml',
      field: 'models.catalog',
      problem: `"${override.id}" is not anthropic/<name> or openai/<name>`,
    });
  }
  const input = perToken(override.inputUsdPerMTok);
  return {
    id: override.id,
    provider,
    name,
    family: known?.family ?? name,
    contextTokens: override.contextTokens,
    maxOutputTokens: override.maxOutputTokens,
    dialect: known?.dialect ?? (provider === 'anthropic' ? PLAIN_ANTHROPIC : PLAIN_OPENAI),
    tokenizer: known?.tokenizer ?? 'unknown',
    prices: [
      {
        validFrom: '1970-01-01T00:00:00Z',
        rates: {
          input,
          cacheRead: override.cachedInputUsdPerMTok === undefined ? input : perToken(override.cachedInputUsdPerMTok),
          // The vendors' own multiples of the input price; a compatible server that writes for free charges less.
          cacheWrite5m: (input * 125n + 99n) / 100n,
          cacheWrite1h: input * 2n,
          output: perToken(override.outputUsdPerMTok),
        },
        batchPercent: null,
        source: 'orchestrator.yaml',
        checkedAt: 'by the user',
      },
    ],
    retirement: known?.retirement ?? null,
    successor: known?.successor ?? null,
  };
}

const PLAIN_ANTHROPIC: Dialect = {
  outputLimit: 'max_tokens',
  temperature: 'refused',
  efforts: [],
  reasoning: 'none',
  schema: 'supported',
  cache: 'marker',
};
const PLAIN_OPENAI: Dialect = {
  outputLimit: 'max_completion_tokens',
  temperature: 'refused',
  efforts: [],
  reasoning: 'none',
  schema: 'supported',
  cache: 'automatic',
};
