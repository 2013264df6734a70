import { byPatterns } from './signature-language.ts';

export const go = byPatterns(
  ['go'],
  [/^package\s/, /^func\s/, /^type\s/, /^(?:var|const)\s+[A-Z]/, /^\t[A-Z]\w*\s+[\w.*[\]]+/, /^\t[A-Z]\w*\(.*\)/],
  /\s*\{\s*$/,
);
