import type { LogLine } from '@orchestrator/shared/boot/log-line.ts';
import { LEVELS } from '@orchestrator/shared/boot/logger.ts';
import { prettyLines } from '@orchestrator/shared/boot/pretty-line.ts';
import { maskSecrets } from '@orchestrator/shared/boot/redact.ts';
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { followLines, lastLines, logFiles, logMatcher } from '../read/log-files.ts';
import { viewOf } from '../terminal.ts';

export default defineCommand({
  name: 'logs',
  summary: 'show the log, by run, task or level',
  description: 'Reads logs/orchestrator_YYYYMMDD.log below ORCHESTRATOR_HOME, one file for each UTC day.',
  options: [
    { flags: '--run <id>', description: 'only this run; the beginning of its id is enough' },
    { flags: '--task <id>', description: 'only the runs of this task' },
    { flags: '--level <level>', description: `at least this level: ${LEVELS.slice(0, -1).join(', ')} (default: info)` },
    { flags: '-n, --lines <number>', description: 'the last lines, so many (default: 200)' },
    { flags: '-f, --follow', description: 'go on with what is written, until Ctrl+C' },
    { flags: '--raw', description: 'lines as they are stored: JSON' },
  ],
  input: z.object({
    run: z.string().optional(),
    task: z.string().optional(),
    level: z.enum(LEVELS as [string, ...string[]], `must be one of ${LEVELS.join(', ')}`).default('info'),
    lines: z.coerce.number('must be a number').int().min(1).default(200),
    follow: z.boolean().default(false),
    raw: z.boolean().default(false),
  }),
  examples: [
    ['orchestrator logs --task events_async_001', 'everything about one task'],
    ['orchestrator logs --level warn --follow', 'only trouble, as it comes'],
    ['orchestrator logs --raw -n 100000 | jq .costNanoUsd', 'for other programs'],
  ],
  logs: 'query',
  async run({ env, terminal, signal, json }, { lines: limit, follow, raw, ...filter }) {
    const wanted = logMatcher(filter);
    const files = logFiles(env.ORCHESTRATOR_HOME);
    const found = await lastLines(files, wanted, limit);
    const { color } = viewOf(terminal.stdout, terminal.env);
    const pretty = prettyLines({ color });
    const write = (line: LogLine): string => maskSecrets(raw ? `${JSON.stringify(line)}\n` : pretty(line));
    if (!follow || json)
      return {
        data: { files, lines: found },
        render: () =>
          found.map(write).join('') || `No line matches in ${files.length} file(s) of ${env.ORCHESTRATOR_HOME}/logs.`,
      };
    terminal.stdout.write(found.map(write).join(''));
    for await (const line of followLines(env.ORCHESTRATOR_HOME, signal))
      if (wanted(line)) terminal.stdout.write(write(line));
    return { data: {}, render: () => '', exitCode: 0 };
  },
});
