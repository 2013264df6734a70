import { z } from 'zod';
import { Duration, Usd } from './values.ts';

/** Which model does what, within which limits. */

const ModelId = z.string().regex(/^[a-z0-9-]+\/\S+$/, 'must be provider/model, such as openai/gpt-4.1');

export const Role = (maxOutputTokens: number, maxInputTokens: number) =>
  z.strictObject({
    model: ModelId.nullable()
      .default(null)
      .describe('`provider/model` of the catalog (see `orchestrator prices`). `null`: the default of the day.'),
    maxOutputTokens: z
      .number()
      .int()
      .min(256)
      .max(128_000)
      .default(maxOutputTokens)
      .describe('The most that one reply may hold. It sets the worst case that is reserved before each call.'),
    maxInputTokens: z
      .number()
      .int()
      .min(1_000)
      .max(1_000_000)
      .default(maxInputTokens)
      .describe('Context is cut to fit.'),
    timeout: Duration.prefault('5m').describe('One call to the model.'),
  });

export const CatalogOverride = z.strictObject({
  id: z
    .string()
    .regex(/^(anthropic|openai)\/\S+$/, 'must be anthropic/<name> or openai/<name>')
    .describe('`anthropic/<name>` or `openai/<name>`: the vendor whose API the model speaks.'),
  inputUsdPerMTok: Usd.describe('US dollars for a million input tokens.'),
  cachedInputUsdPerMTok: Usd.optional().describe('For input tokens read from the cache. Absent: as input.'),
  outputUsdPerMTok: Usd.describe('For a million output tokens.'),
  contextTokens: z.number().int().min(1).describe('Input and output together.'),
  maxOutputTokens: z.number().int().min(1).describe('The most that the model can answer.'),
});
