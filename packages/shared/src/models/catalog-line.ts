import type { Dialect, Model } from './catalog.ts';
import type { PriceRow } from './price-row.ts';

/** A model of the catalog, as its vendor's file writes it. */
export interface CatalogLine {
  readonly name: string;
  /** Dated ids of the same model that may be configured too. */
  readonly snapshots?: readonly string[];
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly dialect: Dialect;
  readonly tokenizer: Model['tokenizer'];
  readonly prices: readonly PriceRow[];
  /** The day from which the vendor no longer answers. */
  readonly ends?: string;
  /** Of the same vendor. */
  readonly successor: string | null;
}

/** A model for each name and snapshot. `retirements`: where the ends were read. */
export const modelsOf = (
  provider: Model['provider'],
  lines: readonly CatalogLine[],
  retirements: string,
): readonly Model[] =>
  lines.flatMap((line) =>
    [line.name, ...(line.snapshots ?? [])].map((name) => ({
      id: `${provider}/${name}`,
      provider,
      name,
      family: line.name,
      contextTokens: line.contextTokens,
      maxOutputTokens: line.maxOutputTokens,
      dialect: line.dialect,
      tokenizer: line.tokenizer,
      prices: line.prices,
      retirement: line.ends === undefined ? null : { at: `${line.ends}T00:00:00Z`, source: retirements },
      successor: line.successor === null ? null : `${provider}/${line.successor}`,
    })),
  );
