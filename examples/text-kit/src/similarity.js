/**
 * How many characters have to be inserted, deleted or replaced to make one text of the other (Levenshtein).
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} 0 for equal texts
 */
export function distance(a, b) {
  const from = [...a];
  const to = [...b];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, character] of from.entries()) {
    const current = [row + 1];
    for (const [column, other] of to.entries()) {
      const replaced = previous[column] + (character === other ? 0 : 1);
      current.push(Math.min(replaced, previous[column + 1] + 1, current[column] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}
