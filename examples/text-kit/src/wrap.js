/**
 * Breaks text into lines of at most `width` characters, at spaces. Line ends in the text are kept.
 * A word that is longer than the width gets a line of its own and is not cut.
 *
 * @param {string} text
 * @param {number} width at least 1
 * @returns {string}
 * @throws {RangeError} where the width is no positive integer
 */
export function wrap(text, width) {
  if (!Number.isInteger(width) || width < 1) throw new RangeError(`width must be a positive integer: ${width}`);
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line, width) {
  const lines = [];
  let current = '';
  for (const word of line.split(' ').filter(Boolean)) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current].join('\n');
}

/**
 * Puts `prefix` before every line that is not empty.
 *
 * @param {string} text
 * @param {string} [prefix] two spaces if absent
 */
export function indent(text, prefix = '  ') {
  return text.replace(/^(?=.)/gm, prefix);
}

/**
 * Removes the indentation that all lines share. Empty lines do not count.
 *
 * @param {string} text
 */
export function dedent(text) {
  const lines = text.split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const shared = depths.length > 0 ? Math.min(...depths) : 0;
  return lines.map((line) => line.slice(shared)).join('\n');
}
