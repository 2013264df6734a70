import { ANTHROPIC_PRICES } from '../metering/price-list.ts';

/** The rows of GET /v1/models. */
export function modelRows() {
  return Object.entries(ANTHROPIC_PRICES).map(([id, price]) => ({
    type: 'model' as const,
    id: price.snapshot ?? id,
    display_name: id,
    created_at: '2025-09-29T00:00:00Z',
    max_input_tokens: 200_000,
    max_tokens: price.maxOutputTokens,
    capabilities: null,
  }));
}
