/**
 * Fills the names in braces of a template: `render('Hello {name}', { name: 'Ada' })` is `'Hello Ada'`.
 * A name without a value stays as it is. `{{` and `}}` stand for single braces.
 *
 * @param {string} template
 * @param {Record<string, unknown>} values
 * @returns {string}
 */
export function render(template, values) {
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name) => {
    if (name === undefined) return found[0];
    return Object.hasOwn(values, name) ? String(values[name]) : found;
  });
}
