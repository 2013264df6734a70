import { join } from 'node:path';
import type { RuleLanguage } from '../language-names.ts';
import { runIsolated } from './run-isolated.ts';

/** One rule in one language. `config`: rule, constraints and utils as ast-grep takes them. */
export interface MatchRule {
  readonly key: string;
  readonly language: RuleLanguage;
  readonly config: unknown;
}

export interface MatchSource {
  readonly key: string;
  readonly language: RuleLanguage;
  readonly text: string;
  /** Keys of the rules that are looked for. */
  readonly rules: readonly string[];
}

export interface MatchInput {
  readonly rules: readonly MatchRule[];
  readonly sources: readonly MatchSource[];
}

export interface FoundMatch {
  readonly rule: string;
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly endLine: number;
  /** Tells matches of the same rule apart: length and beginning of the text. */
  readonly text: string;
  /** The whole file matched: something is missing in it. */
  readonly whole: boolean;
}

export interface MatchResult {
  readonly matches: readonly FoundMatch[];
  /** Keys of sources that are too long to be read. */
  readonly unread: readonly string[];
  /** Rules that ast-grep does not take, and why. */
  readonly problems: readonly { readonly rule: string; readonly message: string }[];
}

/** All matches of the rules in the sources. Throws IsolationFailure. */
export async function matchRules(input: MatchInput, signal: AbortSignal): Promise<MatchResult> {
  if (input.rules.length === 0) return { matches: [], unread: [], problems: [] };
  // javac reads \u0073 as s, so that a name could hide.
  const sources = input.sources.map((source) =>
    source.language === 'java' ? { ...source, text: withoutUnicodeEscapes(source.text) } : source,
  );
  return runIsolated<MatchResult>({
    program: join(import.meta.dirname, 'match-rules-program.ts'),
    input: { rules: input.rules, sources },
    signal,
  });
}

/** Line breaks stay escaped: lines keep their numbers. */
export const withoutUnicodeEscapes = (text: string): string =>
  text.replace(/(?<!\\)((?:\\\\)*)\\u+([0-9a-fA-F]{4})/g, (whole, before: string, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[\r\n]/.test(character) ? whole : before + character;
  });
