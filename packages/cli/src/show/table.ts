import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { View } from '../terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be wrapped when the terminal is too narrow for the table. */
  readonly flexible?: boolean;
  /** Left out, the last first, when the terminal is too narrow even then. --json has it all the same. */
  readonly droppable?: boolean;
}

const GAP = '  ';
const MIN_FLEXIBLE = 8;

/** A table without borders that fits the view; cells of flexible columns are wrapped where needed. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], view: View): string {
  const widths = fit(columns, rows, view.width);
  const last = columns.findLastIndex(({ droppable }) => droppable);
  if (total(widths) > view.width && last >= 0)
    return table(
      columns.toSpliced(last, 1),
      rows.map((row) => row.toSpliced(last, 1)),
      view,
    );
  const head = columns.map(({ title }) => view.paint('bold', title));
  return [head, ...rows].flatMap((row) => lines(columns, widths, row)).join('\n');
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);

/** The lines of one row, as many as its highest cell has. */
function lines(columns: readonly Column[], widths: readonly number[], row: readonly string[]): string[] {
  const cells = columns.map((_, i) => wrapAnsi(row[i] ?? '', widths[i] ?? 1, { hard: true, trim: true }).split('\n'));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align }, i) => pad(cells[i]?.[line] ?? '', widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd(),
  );
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** Natural widths, shrunk column by column (the widest flexible first) until the table fits. */
function fit(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(stringWidth(title), ...rows.map((row) => widest(row[i] ?? '')), 1),
  );
  while (total(widths) > width) {
    const shrinkable = widths.map((each, i) => (columns[i]?.flexible && each > MIN_FLEXIBLE ? each : 0));
    const largest = Math.max(...shrinkable);
    if (largest === 0) break;
    widths[shrinkable.indexOf(largest)] = largest - 1;
  }
  return widths;
}

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)));
