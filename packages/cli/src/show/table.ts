import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { View } from '../terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be wrapped when the terminal is too narrow for the table. */
  readonly flexible?: boolean;
}

const GAP = 2;
const MIN_FLEXIBLE = 8;

/** A table without borders that fits the view; cells of flexible columns are wrapped where needed. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], view: View): string {
  const widths = fit(columns, rows, view.width);
  const drawn = new Table({
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' '.repeat(GAP),
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  drawn.push(
    columns.map(({ title }) => view.paint('bold', title)),
    ...rows.map((row) => [...row]),
  );
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Natural widths, shrunk column by column (the widest flexible first) until the table fits. */
function fit(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(stringWidth(title), ...rows.map((row) => widest(row[i] ?? '')), 1),
  );
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + GAP * (columns.length - 1);
  while (total() > width) {
    const shrinkable = widths.map((each, i) => (columns[i]?.flexible && each > MIN_FLEXIBLE ? each : 0));
    const largest = Math.max(...shrinkable);
    if (largest === 0) break;
    widths[shrinkable.indexOf(largest)] = largest - 1;
  }
  return widths;
}

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));
