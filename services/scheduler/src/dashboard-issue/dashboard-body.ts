import { createHash } from 'node:crypto';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import { plain } from '@orchestrator/shared/text/markdown.ts';
import { type DashboardTask, WISHES, type Wish } from './dashboard-tasks.ts';

/** A thing that people asked for by ticking a box. */
export interface TickedBox {
  readonly wish: Wish;
  readonly taskKey: string;
}

const GROUPS: readonly (readonly [DashboardTask['group'], string])[] = [
  ['person', 'Needs you'],
  ['working', 'Being worked on'],
  ['review', 'In review'],
  ['waiting', 'Waiting'],
  ['ended', 'Ended'],
];
const BOXES: Readonly<Record<Wish, string>> = {
  retry: 'Work on it again',
  approve: 'Let it start',
  skip: 'Leave it out until its text changes',
};
/** An issue holds 65,536 characters, and a task with its box takes up to 1,000 in the worst case. */
const MAX_IN_GROUP = 12;
const MAX_TITLE_CHARACTERS = 120;
const MARKER = /<!-- ai-orchestrator dashboard ([0-9a-f]{16}) -->/;
const TICKED = /^\s*- \[[xX]\] <!-- ai-orchestrator (retry|approve|skip) ([A-Za-z0-9._-]+) -->/gm;

/** The text, with the marker that it is known by. */
export function dashboardBody(tasks: readonly DashboardTask[]): string {
  const spent = tasks.reduce((sum, task) => sum + task.spentNanoUsd, 0n);
  const shown = [
    'What the orchestrator does in this repository. It is written anew when something changes. A box that is ticked by',
    'somebody who may write acts once, within a minute or two. Close this issue to have no more of it; reopen it to have it again.',
    '',
    `${tasks.length} task(s), ${formatUsd(spent)} so far.`,
    ...GROUPS.flatMap(([group, heading]) =>
      section(
        heading,
        tasks.filter((task) => task.group === group),
      ),
    ),
  ].join('\n');
  return `${shown}\n\n<!-- ai-orchestrator dashboard ${fingerprintOf(shown)} -->\n`;
}

/** What the text was when we wrote it; null: it is not the dashboard. */
export const dashboardFingerprint = (body: string | null): string | null => MARKER.exec(body ?? '')?.[1] ?? null;

export const tickedBoxes = (body: string | null): TickedBox[] =>
  [...(body ?? '').matchAll(TICKED)].map(([, wish, taskKey]) => ({
    wish: WISHES.find((known) => known === wish) as Wish,
    taskKey: taskKey as string,
  }));

function section(heading: string, tasks: readonly DashboardTask[]): string[] {
  if (tasks.length === 0) return [];
  const more = tasks.length > MAX_IN_GROUP ? [`- and ${tasks.length - MAX_IN_GROUP} more`] : [];
  return ['', `### ${heading}`, '', ...tasks.slice(0, MAX_IN_GROUP).flatMap(entry), ...more];
}

function entry({ key, title, state, spentNanoUsd, pullNumber, wishes }: DashboardTask): string[] {
  const facts = [
    state,
    ...(spentNanoUsd > 0n ? [formatUsd(spentNanoUsd)] : []),
    ...(pullNumber ? [`#${pullNumber}`] : []),
  ];
  return [
    `- \`${key}\` ${plain(title, MAX_TITLE_CHARACTERS)} (${facts.join(', ')})`,
    ...wishes.map((wish) => `  - [ ] <!-- ai-orchestrator ${wish} ${key} -->${BOXES[wish]}`),
  ];
}

const fingerprintOf = (shown: string): string => createHash('sha256').update(shown).digest('hex').slice(0, 16);
