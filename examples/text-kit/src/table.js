/**
 * Rows as a plain text table: columns are as wide as their widest cell and stand two spaces apart.
 * Numbers are aligned to the right. Lines have no trailing spaces.
 *
 * @param {readonly (readonly unknown[])[]} rows the first row is the header
 * @returns {string} without a line end after the last line; empty for no rows
 */
export function formatTable(rows) {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '')));
  const widths = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row, source) =>
    row.map((cell, column) => (typeof source[column] === 'number' ? cell.padStart(widths[column]) : cell.padEnd(widths[column])));
  return cells.map((row, index) => line(row, rows[index]).join('  ').trimEnd()).join('\n');
}
