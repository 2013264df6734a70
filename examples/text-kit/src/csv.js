/**
 * Reads CSV text. Lines end with \n or \r\n; an empty last line is no row.
 * Quotes are not understood yet: a field cannot hold the separator or a line end.
 *
 * @param {string} text
 * @param {{ separator?: string }} [options]
 * @returns {string[][]} rows of fields
 */
export function parseCsv(text, { separator = ',' } = {}) {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.split(separator));
}

/**
 * Writes rows as CSV text. A field with a separator, a quote or a line end is quoted; quotes in it are doubled.
 *
 * @param {readonly (readonly unknown[])[]} rows null and undefined become empty fields
 * @param {{ separator?: string }} [options]
 * @returns {string} every line ends with \n
 */
export function formatCsv(rows, { separator = ',' } = {}) {
  const format = (value) => {
    const field = value === null || value === undefined ? '' : String(value);
    const quoted = field.includes(separator) || /["\r\n]/.test(field);
    return quoted ? `"${field.replaceAll('"', '""')}"` : field;
  };
  return rows.map((row) => `${row.map(format).join(separator)}\n`).join('');
}
