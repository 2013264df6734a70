export interface SignatureLanguage {
  /** Lower case, without the dot. */
  readonly extensions: readonly string[];
  /** Whether a line declares something that other files can use. */
  readonly keeps: (line: string) => boolean;
  /** The declaration without its body. */
  readonly shorten: (line: string) => string;
}

/** A line kept for any of the patterns; what follows an opening brace is cut. */
export function byPatterns(
  extensions: readonly string[],
  patterns: readonly RegExp[],
  body: RegExp = /\s*\{[^{}]*$|\s*=>?\s*\{.*$/,
): SignatureLanguage {
  return {
    extensions,
    keeps: (line) => patterns.some((pattern) => pattern.test(line)),
    shorten: (line) => line.replace(body, '').trimEnd(),
  };
}
