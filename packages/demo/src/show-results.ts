import { type Column, table } from '@orchestrator/cli/show/table.ts';
import type { View } from '@orchestrator/cli/terminal.ts';
import { formatUsd } from '@orchestrator/shared/budget/money.ts';
import type { DemoFolder } from './demo-folder.ts';
import type { DemoResult } from './results.ts';

export interface DemoSummary {
  readonly tasks: number;
  readonly published: number;
  readonly repaired: number;
  readonly rejected: number;
  readonly parked: number;
  readonly spentNanoUsd: string;
  readonly limitNanoUsd: string;
  readonly wallMs: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'Task' },
  { title: 'Result' },
  { title: 'Rounds', align: 'right' },
  { title: 'Cost', align: 'right' },
  { title: 'Branch' },
  { title: 'What happened', flexible: true },
];

const COLORS = { published: 'green', repaired: 'green', rejected: 'red', parked: 'yellow', failed: 'red' } as const;

/** The table at the end of the demo, and where to look next. */
export function showResults(
  results: readonly DemoResult[],
  summary: DemoSummary,
  folder: DemoFolder,
  view: View,
): string {
  const firstLine = (text: string) => text.replace(/\s+/g, ' ').slice(0, 140);
  const rows = results.map((one) => [
    one.task,
    view.paint(COLORS[one.result], one.result),
    one.rounds === 0 ? '-' : String(one.rounds),
    formatUsd(one.spentNanoUsd),
    one.branch ?? '-',
    firstLine(one.why),
  ]);
  const branch = results.find((one) => one.branch)?.branch ?? 'main';
  const settings = `ORCHESTRATOR_HOME=${folder.home} npm start --`;
  return `
${table(COLUMNS, rows, view)}

${formatUsd(BigInt(summary.spentNanoUsd))} of ${formatUsd(BigInt(summary.limitNanoUsd))} spent (recorded answers, priced as the vendors would) in ${(summary.wallMs / 1000).toFixed(1)} s.

Where to look next:
  git -C ${folder.repository} log --oneline --all --graph    the branches that were published
  git -C ${folder.repository} show ${branch}    a change, tested before it was published
  ${folder.home}/patches    the same as patches, each with its evidence
  ${settings} stats    what it cost
  ${settings} budget    what is left, and from when on
  ${settings} export --out /tmp/demo-export    specifications, changes and reports as files
  examples/text-kit/docs/PLUGIN-TASKS.md    what was asked for
`;
}
