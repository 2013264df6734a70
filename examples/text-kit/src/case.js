/**
 * Splits text into words: at anything that is no letter or digit, and where the case changes.
 *
 * @param {string} text
 * @returns {string[]} the words as they were written: `words('HTTPServer v2')` is `['HTTP', 'Server', 'v2']`
 */
export function words(text) {
  return text.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}[\p{Ll}\p{M}\p{N}]*|[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** @param {string} text */
export function camelCase(text) {
  const [first = '', ...rest] = words(text).map((word) => word.toLowerCase());
  return first + rest.map(capitalize).join('');
}

/** @param {string} text */
export function kebabCase(text) {
  return words(text)
    .map((word) => word.toLowerCase())
    .join('-');
}

/** @param {string} text */
export function snakeCase(text) {
  return words(text)
    .map((word) => word.toLowerCase())
    .join('_');
}

/** @param {string} text */
export function titleCase(text) {
  return words(text)
    .map((word) => capitalize(word.toLowerCase()))
    .join(' ');
}

/** @param {string} word */
function capitalize(word) {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('');
}
