import { describeConfig, describeEnvironment, type Setting } from '@orchestrator/shared/config/describe.ts';
import { configJsonSchema } from '@orchestrator/shared/config/keys.ts';
import { z } from 'zod';
import { defineCommand, REPO_OPTION } from '../command.ts';
import { table } from '../show/table.ts';
import { block } from '../show/words.ts';
import { configOf } from '../target.ts';
import type { View } from '../terminal.ts';

export default defineCommand({
  name: 'config',
  summary: 'show every setting in force and where it comes from; secrets are masked',
  options: [
    REPO_OPTION,
    { flags: '--schema', description: 'print the JSON Schema of orchestrator.yaml instead' },
    { flags: '--changed', description: 'only what is not the default' },
  ],
  input: z.object({
    repo: z.string().optional(),
    schema: z.boolean().default(false),
    changed: z.boolean().default(false),
  }),
  examples: [
    ['orchestrator config', 'settings for the repository in this folder'],
    ['orchestrator config --changed', 'only what somebody set'],
    ['orchestrator config --schema > schema.json', 'for an editor'],
  ],
  logs: 'query',
  async run(context, { repo, schema, changed }) {
    if (schema) {
      const document = configJsonSchema();
      return { data: document, render: () => JSON.stringify(document, null, 2) };
    }
    const { loaded, where } = await configOf(context, repo);
    const wanted = ({ source }: Setting): boolean => !changed || (source !== 'default' && source !== 'not set');
    const config = describeConfig(loaded).filter(wanted);
    const environment = describeEnvironment(context.env, context.terminal.env).filter(wanted);
    return {
      data: { repository: where, config: byKey(config), environment: byKey(environment) },
      render: (view) =>
        [
          block(
            where === null ? "No repository here; the defaults and the operator's file:" : `Repository ${where}`,
            settings(config, view),
          ),
          block('Environment', settings(environment, view)),
        ].join('\n\n'),
    };
  },
});

const byKey = (items: readonly Setting[]): Record<string, { value: unknown; source: string }> =>
  Object.fromEntries(items.map(({ key, value, source }) => [key, { value, source }]));

function settings(items: readonly Setting[], view: View): string {
  if (items.length === 0) return 'nothing but defaults';
  const rows = items.map(({ key, value, source }) => [
    key,
    written(value),
    source === 'default' || source === 'not set' ? view.paint('dim', source) : source,
  ]);
  return table([{ title: 'Key' }, { title: 'Value', flexible: true }, { title: 'From', flexible: true }], rows, {
    ...view,
    width: view.width - 2,
  });
}

function written(value: unknown): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0
    ? '[]'
    : value
        .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
        .join(typeof value[0] === 'number' ? ', ' : '\n');
}
