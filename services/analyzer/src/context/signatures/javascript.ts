import { byPatterns } from './signature-language.ts';

export const javascript = byPatterns(
  ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'],
  [
    /^export\b/,
    /^(?:async )?function\b/,
    /^(?:abstract )?class\b/,
    /^(?:interface|type|enum|declare|namespace)\s/,
    /^(?:module\.)?exports\b/,
    // Methods of a class: one level of indentation, a name and parameters, a body that opens.
    /^(?: {2}| {4}|\t)(?:(?:public|protected|static|async|readonly|get|set|override) )*(?!if\b|for\b|while\b|switch\b|catch\b|return\b)[\w$]+\s*(?:<[^>]*>)?\([^;]*\)[^;=]*\{\s*$/,
    /^\s*\* @(?:param|returns|throws|typedef|property)\b/,
  ],
);
