import { listModels, type Model } from '@orchestrator/shared/models/catalog.ts';
import type { PriceRow } from '@orchestrator/shared/models/price-row.ts';
import { resolveModel } from '@orchestrator/shared/models/resolve-model.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { table } from '../show/table.ts';
import { configOf } from '../target.ts';
import type { View } from '../terminal.ts';

const ROLES = ['analyzer', 'coder'] as const;

export default defineCommand({
  name: 'prices',
  summary: 'show the model catalog: prices, limits, and the last day of each model',
  options: [REPO_OPTION, { flags: '--all', description: 'with the models that have ended' }],
  input: z.object({ repo: z.string().optional(), all: z.boolean().default(false) }),
  examples: [
    ['orchestrator prices', 'models that can be called today'],
    ['orchestrator prices --all --json', 'every row with its source and the day it was checked'],
  ],
  logs: 'query',
  async run(context, { repo, all }) {
    const { config } = (await configOf(context, repo)).loaded;
    const now = new Date();
    const models = listModels(config.models.catalog).filter((model) => all || !ended(model, now));
    const roles = ROLES.map((role) => ({
      role,
      ...resolveModel({
        role,
        configured: config.models[role].model,
        onRetired: config.models.onRetired,
        now,
        overrides: config.models.catalog,
      }),
    }));
    return {
      data: {
        unit: 'pico-dollars per token',
        models,
        roles: roles.map(({ role, model, ending, replaced }) => ({ role, model: model.id, ending, replaced })),
      },
      render: (view) =>
        [
          catalog(models, roles, now, view),
          'US dollars per million tokens. "Checked" is the day on which the row was compared with its source (--json names it).',
          roleLines(roles, view),
        ].join('\n\n'),
    };
  },
});

type Roles = readonly ({ readonly role: string } & ReturnType<typeof resolveModel>)[];

const ended = (model: Model, now: Date): boolean => model.retirement !== null && new Date(model.retirement.at) <= now;

const priceAt = (model: Model, now: Date): PriceRow | undefined =>
  model.prices.findLast(({ validFrom }) => new Date(validFrom) <= now);

function catalog(models: readonly Model[], roles: Roles, now: Date, view: View): string {
  const rows = models.map((model) => {
    const row = priceAt(model, now);
    const used = roles.filter((each) => each.model.id === model.id).map(({ role }) => role);
    return [
      used.length > 0 ? view.paint('green', model.id) : model.id,
      perMTok(row?.rates.input),
      perMTok(row?.rates.cacheRead),
      perMTok(row?.rates.cacheWrite5m),
      perMTok(row?.rates.output),
      row?.long
        ? `${perMTok(row.long.rates.input)}/${perMTok(row.long.rates.output)} > ${thousands(row.long.aboveInputTokens)}`
        : '',
      thousands(model.contextTokens),
      thousands(model.maxOutputTokens),
      model.retirement?.at.slice(0, 10) ?? '',
      row?.checkedAt ?? 'no price',
      used.join(', '),
    ];
  });
  const right = (title: string) => ({ title, align: 'right' as const });
  return table(
    [
      { title: 'Model' },
      right('Input'),
      right('Cached'),
      { ...right('Write'), droppable: true },
      right('Output'),
      { title: 'Long', droppable: true },
      right('Context'),
      { ...right('Answer'), droppable: true },
      { title: 'Ends' },
      { title: 'Checked', droppable: true },
      { title: 'Role', flexible: true },
    ],
    rows,
    view,
  );
}

function roleLines(roles: Roles, view: View): string {
  return roles
    .map(({ role, model, ending, replaced }) => {
      const news = [
        replaced && `instead of ${replaced.id}, which ended on ${replaced.endedAt.toISOString().slice(0, 10)}`,
        ending && `ends in ${ending.days} days; then ${ending.successor ?? 'another has to be chosen'}`,
      ];
      const text = news.filter(Boolean).join('; ');
      return `${role}: ${model.id}${text === '' ? '' : ` (${view.paint('yellow', text)})`}`;
    })
    .join('\n');
}

/** Pico-dollars per token are micro-dollars per million tokens. */
function perMTok(rate: bigint | null | undefined): string {
  if (rate === null || rate === undefined) return '-';
  const fraction = String(rate % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${rate / 1_000_000n}.${fraction}`;
}

const thousands = (tokens: number): string => (tokens >= 1000 ? `${Math.round(tokens / 1000)}k` : String(tokens));
