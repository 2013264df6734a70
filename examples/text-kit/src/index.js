export { camelCase, kebabCase, snakeCase, titleCase, words } from './case.js';
export { formatCsv, parseCsv } from './csv.js';
export { parseDuration } from './duration.js';
export { distance } from './similarity.js';
export { formatTable } from './table.js';
export { render } from './template.js';
export { dedent, indent, wrap } from './wrap.js';
