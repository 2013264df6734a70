/** Milliseconds of each unit, longest first. */
const UNITS = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

/**
 * Reads a length of time such as `90s`, `1h30m` or `2d 4h`. Units go from long to short, each at most once.
 *
 * @param {string} text
 * @returns {number} milliseconds
 * @throws {RangeError} where the text is no length of time
 */
export function parseDuration(text) {
  const match = /^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?!s))?\s*(?:(\d+)s)?\s*(?:(\d+)ms)?$/.exec(text.trim());
  if (!match || text.trim() === '') throw new RangeError(`not a length of time: "${text}"`);
  return [...UNITS.values()].reduce((sum, size, position) => sum + Number(match[position + 1] ?? 0) * size, 0);
}
