import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Notice } from '../channel.ts';
import { changeSize, count, type Data, instant, paths, text, usd } from './data.ts';
import { defuse, inCode } from './defuse.ts';
import type { Color, EmbedParts } from './embed.ts';

/** How each event is told. */
export const PARTS: Readonly<Record<EventType, (notice: Notice) => EmbedParts>> = {
  'run.started': ({ data }) => ({
    heading: 'Started',
    color: 'blue',
    fields: [
      ['Branch', inCode(text(data.branch))],
      ['Priority', defuse(text(data.priority), 20)],
    ],
  }),
  'run.specified': ({ data }) => ({
    heading: 'Specification ready',
    color: 'blue',
    description: defuse(text(data.summary), 1_500),
    fields: [['Files to change', paths(data.files)]],
  }),
  'run.coded': ({ data, run }) => ({
    heading: 'Code ready',
    color: 'blue',
    fields: [
      ['Change', changeSize(data)],
      ['Round', text(run?.round)],
      ['Replies that did not apply', positive(data.retries)],
    ],
  }),
  'run.validated': ({ data, run }) => validated(data, run?.round),
  'run.published': ({ data }) => ({
    heading: 'Published',
    color: 'green',
    url: text(data.url),
    fields: [
      ['Branch', inCode(text(data.branch))],
      ['Commit', inCode(text(data.headCommit).slice(0, 12))],
      ['Change', changeSize(data)],
      ['Patch', inCode(text(data.patch))],
    ],
  }),
  'run.rejected': ({ data }) => ended('Rejected', data),
  'run.failed': ({ data }) => ended('Failed', data),
  'run.cancelled': ({ data }) => ({
    heading: 'Cancelled',
    color: 'grey',
    fields: [['Stage', defuse(text(data.stage), 20)]],
  }),
  'run.parked': ({ data }) => ({
    heading: 'Waiting',
    color: 'yellow',
    description: defuse(text(data.message), 1_000),
    fields: [
      ['Why', defuse(text(data.reason), 40)],
      ['Stage', defuse(text(data.stage), 20)],
      ['Until', instant(data.until)],
    ],
  }),
  'run.merged': ({ data }) => ({
    heading: 'Merged',
    color: 'green',
    url: text(data.url),
    fields: [['Branch', inCode(text(data.branch))]],
  }),
  'budget.alert': ({ data }) => ({
    heading: `Budget: ${text(data.percent)} % spent`,
    color: ALERT_COLORS[text(data.level)] ?? 'orange',
    fields: [
      ['Phase', defuse(text(data.phase), 60)],
      ['Spent', usd(data.spentNanoUsd)],
      ['Limit', usd(data.limitNanoUsd)],
      ['Window ends', instant(data.windowEndsAt)],
    ],
  }),
  'budget.phase': ({ data }) => ({
    heading: `Budget phase: ${defuse(text(data.name), 60)}`,
    color: 'blue',
    fields: [
      [data.kind === 'per_utc_day' ? 'Limit a day' : 'Limit', usd(data.limitNanoUsd)],
      ['Began', instant(data.startsAt)],
      ['Ends', instant(data.endsAt)],
    ],
  }),
  'tasks.invalid': ({ data }) => ({
    heading: `${count(data.count) ?? count(data.problems) ?? 'Some'} problem(s) in ${defuse(text(data.file), 100)}`,
    color: 'orange',
    description: problems(data.problems),
  }),
};

const ALERT_COLORS: Readonly<Record<string, Color>> = { yellow: 'yellow', orange: 'orange', red: 'red' };

const positive = (value: unknown): string => (typeof value === 'number' && value > 0 ? String(value) : '');

function validated(data: Data, round: number | undefined): EmbedParts {
  const passed = data.passed === true;
  return {
    heading: passed ? 'Validation passed' : 'Validation failed',
    color: passed ? 'green' : 'orange',
    ...(passed ? {} : { description: finding(data.first) }),
    fields: [
      ['Round', text(data.round) || text(round)],
      ['Tests', totals(data.totals)],
      ['Tests before', totals(data.baseTotals)],
      ['Errors', positive(data.errors)],
      ['Flaky tests', positive(data.flaky)],
      ['Sandbox', data.sandbox === 'none' ? '**none**: executed without one' : ''],
    ],
  };
}

/** What went wrong first, with its place. */
function finding(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { file, line, test, message } = value as Data;
  const place = text(file) === '' ? '' : inCode(`${text(file)}${text(line) === '' ? '' : `:${text(line)}`}`);
  return [place, inCode(text(test)), defuse(text(message), 600)].filter((part) => part !== '').join('\n');
}

function totals(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { passed, failed, skipped } = value as Data;
  return [
    [passed, 'passed'],
    [failed, 'failed'],
    [skipped, 'skipped'],
  ]
    .flatMap(([number, word]) => (typeof number === 'number' ? [`${number} ${word}`] : []))
    .join(', ');
}

const ended = (heading: string, data: Data): EmbedParts => ({
  heading,
  color: 'red',
  description: defuse(text(data.message), 2_000),
  fields: [['Code', inCode(text(data.code))]],
});

const MAX_PROBLEMS = 10;

function problems(value: unknown): string {
  if (!Array.isArray(value)) return '';
  const lines = value
    .slice(0, MAX_PROBLEMS)
    .map((problem: Data) => `Line ${text(problem?.line)}: ${defuse(text(problem?.message), 250)}`);
  return [...lines, ...(value.length > MAX_PROBLEMS ? [`… and ${value.length - MAX_PROBLEMS} more`] : [])].join('\n');
}
