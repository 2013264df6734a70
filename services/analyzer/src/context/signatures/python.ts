import { byPatterns } from './signature-language.ts';

export const python = byPatterns(
  ['py', 'pyi', 'rb'],
  [/^\s*(?:async )?def \w/, /^\s*(?:class|module) \w/, /^[A-Z][A-Z0-9_]+\s*[:=]/, /^@\w/, /^__all__\b/],
  /:\s*(?:#.*)?$/,
);
