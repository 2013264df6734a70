import { byPatterns } from './signature-language.ts';

export const java = byPatterns(
  ['java', 'cs', 'scala', 'groovy'],
  [
    /^(?:package|namespace)\s/,
    /^\s*(?:(?:public|protected|abstract|final|sealed|non-sealed|static|internal|partial)\s+)*(?:@?interface|class|enum|record|trait|object|struct)\s+\w/,
    /^\s*(?:(?:public|protected)\s+)(?:[\w<>[\],.?&@\s]+\s)?\w+\s*\(/,
    // Methods for the own package, such as tests, and those of an interface have no modifier.
    /^(?: {4}| {2}|\t)(?!return\b|throw\b|new\b|else\b|private\b)(?:(?:static|final|synchronized|abstract|default)\s+)*[\w<>[\],.?]+\s+\w+\s*\([^;]*\{\s*$/,
    /^(?: {4}| {2}|\t)(?!return\b|throw\b|new\b|else\b)(?:default\s+|static\s+)?[A-Z]?[\w<>[\],.?]+\s+\w+\s*\([^)]*\)\s*(?:throws [\w,. ]+)?;\s*$/,
    /^\s*(?:public|protected)\s+static\s+final\s/,
  ],
);
