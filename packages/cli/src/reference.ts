import type { CommandDefinition } from './command.ts';

/** The body of docs/commands.md. A test compares it; `node scripts/write-reference.ts` writes it. */
export function commandReference(commands: readonly CommandDefinition[]): string {
  return commands.map(chapter).join('\n\n');
}

function chapter({
  name,
  summary,
  description,
  arguments: words = [],
  options = [],
  examples,
}: CommandDefinition): string {
  const usage = [
    'orchestrator',
    name,
    ...words.map((word) => word.name),
    ...(options.length > 0 ? ['[options]'] : []),
  ].join(' ');
  const rows = [
    ...words.map((word) => [word.name, word.description] as const),
    ...options.map((option) => [option.flags, option.description] as const),
  ];
  return [
    `## ${name}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}. ${description ?? ''}`.trim(),
    `\`\`\`\n${usage}\n\`\`\``,
    rows.length > 0
      ? [
          '| Option | Meaning |',
          '| --- | --- |',
          ...rows.map(
            ([flags, meaning]) => `| \`${flags.replaceAll('|', '\\|')}\` | ${meaning.replaceAll('|', '\\|')} |`,
          ),
        ].join('\n')
      : '',
    `\`\`\`\n${examples.map(([command, meaning]) => `${command}\n    # ${meaning}`).join('\n')}\n\`\`\``,
  ]
    .filter(Boolean)
    .join('\n\n');
}
