import type { Notice } from '../channel.ts';
import { type Color, partsOf } from './parts.ts';
import type { Style } from './style.ts';

/** Several notices of one type as a list. */
export interface Listed {
  /** What all of them are; null: they differ. */
  readonly heading: string | null;
  readonly color: Color;
  /** A line each, and how many more there are. */
  readonly lines: readonly string[];
}

/** `room`: characters for the lines, with their ends; the last one, which counts the rest, comes on top. */
export function listed(
  notices: readonly Notice[],
  style: Style,
  room: number,
  lineOf: (notice: Notice, heading: string | null) => string,
): Listed {
  const parts = notices.map((notice) => partsOf(notice, style));
  const first = parts[0]?.heading ?? '';
  const heading = parts.every((each) => each.heading === first) ? first : null;
  const lines: string[] = [];
  let left = room;
  for (const notice of notices) {
    const line = lineOf(notice, heading);
    if (line.length + 1 > left) break;
    lines.push(line);
    left -= line.length + 1;
  }
  const more = notices.length - lines.length;
  return { heading, color: parts[0]?.color ?? 'grey', lines: more > 0 ? [...lines, `… and ${more} more`] : lines };
}
