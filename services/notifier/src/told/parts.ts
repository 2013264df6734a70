import type { EventType } from '@orchestrator/shared/contracts/events.ts';
import type { Notice } from '../channel.ts';
import { changeSize, count, type Data, paths, text, usd } from './data.ts';
import { moneyBar } from './money-bar.ts';
import type { Style } from './style.ts';

export type Color = 'blue' | 'green' | 'yellow' | 'orange' | 'red' | 'grey';

/** What an event says, as texts in the style of a channel. */
export interface Parts {
  readonly heading: string;
  readonly color: Color;
  readonly description?: string;
  /** Empty values are left out. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly url?: string | null;
}

/** How an event is told, in the words of a channel. */
export const partsOf = (notice: Notice, style: Style): Parts => PARTS[notice.type](notice, style);

const PARTS: Readonly<Record<EventType, (notice: Notice, style: Style) => Parts>> = {
  'run.started': ({ data }, style) => ({
    heading: 'Started',
    color: 'blue',
    fields: [
      ['Branch', style.code(text(data.branch))],
      ['Priority', style.words(text(data.priority), 20)],
    ],
  }),
  'run.specified': ({ data }, style) => ({
    heading: 'Specification ready',
    color: 'blue',
    description: style.words(text(data.summary), 1_500),
    fields: [['Files to change', paths(data.files, style)]],
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
  'run.validated': ({ data, run }, style) => validated(data, run?.round, style),
  'run.published': ({ data }, style) => ({
    heading: 'Published',
    color: 'green',
    url: text(data.url),
    fields: [
      ['Branch', style.code(text(data.branch))],
      ['Commit', style.code(text(data.headCommit).slice(0, 12))],
      ['Change', changeSize(data)],
      ['Patch', style.code(text(data.patch))],
    ],
  }),
  'run.rejected': (notice, style) => ended('Rejected', notice, style),
  'run.failed': (notice, style) => ended('Failed', notice, style),
  'run.cancelled': ({ data }, style) => ({
    heading: 'Cancelled',
    color: 'grey',
    fields: [['Stage', style.words(text(data.stage), 20)]],
  }),
  'run.parked': ({ data }, style) => ({
    heading: 'Waiting',
    color: 'yellow',
    description: style.words(text(data.message), 1_000),
    fields: [
      ['Why', style.words(text(data.reason), 40)],
      ['Stage', style.words(text(data.stage), 20)],
      ['Until', style.instant(data.until)],
    ],
  }),
  'run.merged': ({ data }, style) => ({
    heading: 'Merged',
    color: 'green',
    url: text(data.url),
    fields: [['Branch', style.code(text(data.branch))]],
  }),
  'budget.alert': ({ data }, style) => ({
    heading: `Budget: ${text(data.percent)} % spent`,
    color: ALERT_COLORS[text(data.level)] ?? 'orange',
    description: style.code(moneyBar(data.spentNanoUsd, data.limitNanoUsd)),
    fields: [
      ['Phase', style.words(text(data.phase), 60)],
      ['Spent', usd(data.spentNanoUsd)],
      ['Limit', usd(data.limitNanoUsd)],
      ['Window ends', style.instant(data.windowEndsAt)],
    ],
  }),
  'budget.phase': ({ data }, style) => ({
    heading: `Budget phase: ${style.words(text(data.name), 60)}`,
    color: 'blue',
    fields: [
      ['Before', before(data.before, style)],
      [data.kind === 'per_utc_day' ? 'Limit a day' : 'Limit', usd(data.limitNanoUsd)],
      ['Began', style.instant(data.startsAt)],
      ['Ends', style.instant(data.endsAt)],
    ],
  }),
  'budget.frozen': ({ data }, style) => ({
    heading: 'Budget frozen: nothing is spent any more',
    color: 'red',
    description: [style.words(text(data.why), 500), style.code(moneyBar(data.spentNanoUsd, data.limitNanoUsd))]
      .filter((part) => part !== '')
      .join('\n'),
    fields: [
      ['Phase', style.words(text(data.phase), 60)],
      ['Ends', style.words(text(data.next), 200)],
      ['Window ends', style.instant(data.windowEndsAt)],
    ],
  }),
  milestone: ({ data }, style) => ({
    heading: style.words(text(data.what), 100) || 'Milestone',
    color: 'green',
    url: text(data.url),
    description: style.code(moneyBar(data.spentNanoUsd, data.limitNanoUsd)),
    fields: [
      ['Merge rate', text(data.mergeRatePercent) === '' ? '' : `${text(data.mergeRatePercent)} %`],
      ['Per merged change', usd(data.perMergedNanoUsd)],
    ],
  }),
  'tasks.invalid': ({ data }, style) => ({
    heading: `${count(data.count) ?? count(data.problems) ?? 'Some'} problem(s) in ${style.words(text(data.file), 100)}`,
    color: 'orange',
    description: problems(data.problems, style),
  }),
};

/** The phase that ended, and what it came to. */
function before(value: unknown, style: Style): string {
  if (typeof value !== 'object' || value === null) return '';
  const { name, spentNanoUsd, limitNanoUsd } = value as Data;
  return [style.words(text(name), 60), style.code(moneyBar(spentNanoUsd, limitNanoUsd))].filter(Boolean).join('\n');
}

const ALERT_COLORS: Readonly<Record<string, Color>> = { yellow: 'yellow', orange: 'orange', red: 'red' };

const positive = (value: unknown): string => (typeof value === 'number' && value > 0 ? String(value) : '');

function validated(data: Data, round: number | undefined, style: Style): Parts {
  const passed = data.passed === true;
  return {
    heading: passed ? 'Validation passed' : 'Validation failed',
    color: passed ? 'green' : 'orange',
    ...(passed ? {} : { description: finding(data.first, style) }),
    fields: [
      ['Round', text(data.round) || text(round)],
      ['Tests', totals(data.totals)],
      ['Tests before', totals(data.baseTotals)],
      ['Errors', positive(data.errors)],
      ['Flaky tests', positive(data.flaky)],
      ['Sandbox', data.sandbox === 'none' ? `${style.strong('none')}: executed without one` : ''],
    ],
  };
}

/** What went wrong first, with its place. */
function finding(value: unknown, style: Style): string {
  if (typeof value !== 'object' || value === null) return '';
  const { file, line, test, message } = value as Data;
  const place = text(file) === '' ? '' : style.code(`${text(file)}${text(line) === '' ? '' : `:${text(line)}`}`);
  return [place, style.code(text(test), 100), style.words(text(message), 250)].filter((part) => part !== '').join('\n');
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

const ended = (heading: string, { data, run }: Notice, style: Style): Parts => ({
  heading,
  color: 'red',
  description: style.words(text(data.message), 1_500),
  fields: [
    ['Code', style.code(text(data.code))],
    ['First findings', (run?.findings ?? []).map((each) => finding(each, style)).join('\n\n')],
  ],
});

const MAX_PROBLEMS = 10;

function problems(value: unknown, style: Style): string {
  if (!Array.isArray(value)) return '';
  const lines = value
    .slice(0, MAX_PROBLEMS)
    .map((problem: Data) => `Line ${text(problem?.line)}: ${style.words(text(problem?.message), 250)}`);
  return [...lines, ...(value.length > MAX_PROBLEMS ? [`… and ${value.length - MAX_PROBLEMS} more`] : [])].join('\n');
}
