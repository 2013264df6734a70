import stringWidth from 'string-width';
import type { View } from '../terminal.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** How the value is written; default: the number. */
  readonly text?: string;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Horizontal bars, the largest as wide as the view allows (at most 40 columns). */
export function bars(items: readonly Bar[], view: View): string {
  const most = Math.max(...items.map(({ value }) => value), 0);
  const labels = Math.max(...items.map(({ label }) => stringWidth(label)), 0);
  const texts = items.map(({ text, value }) => text ?? String(value));
  const room = Math.max(
    5,
    Math.min(40, view.width - labels - Math.max(...texts.map((text) => stringWidth(text)), 0) - 4),
  );
  return items
    .map(
      ({ label, value }, i) =>
        `${label}${' '.repeat(labels - stringWidth(label))}  ${view.paint('cyan', bar(most === 0 ? 0 : value / most, room))} ${texts[i]}`,
    )
    .join('\n');
}

/** A bar of `share` (0 to 1) of `width` columns, exact to an eighth of a column; what is more than nothing is visible. */
export function bar(share: number, width: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(share, 1) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One character a value, the largest full; null (nothing to say) is a dot. Only the last `width` are shown. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = width < values.length ? values.slice(-Math.max(1, width)) : values;
  const most = Math.max(...shown.map((value) => value ?? 0), 0);
  return shown
    .map((value) => {
      if (value === null) return '·';
      const step = most <= 0 ? 0 : Math.round((Math.max(0, value) / most) * (HEIGHTS.length - 1));
      // What is more than nothing is told apart from nothing.
      return HEIGHTS[value > 0 ? Math.max(1, step) : 0] ?? '';
    })
    .join('');
}

/** `share` of a fixed frame: [████····]. */
export function gauge(share: number, width: number): string {
  const filled = Math.max(share > 0 ? 1 : 0, Math.min(width, Math.floor(share * width)));
  return `[${'█'.repeat(filled)}${'·'.repeat(width - filled)}]`;
}
