import { byPatterns } from './signature-language.ts';

export const rust = byPatterns(
  ['rs'],
  [
    /^\s*pub(?:\([\w\s]+\))?\s/,
    /^(?:unsafe )?impl\b/,
    /^(?:trait|struct|enum|type|mod|macro_rules!)\s/,
    /^ {4}(?:async |const |unsafe )*fn\s/,
  ],
  /\s*\{\s*$|\s*where\s*$/,
);
