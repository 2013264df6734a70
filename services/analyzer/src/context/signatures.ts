import { cLike } from './signatures/c-like.ts';
import { go } from './signatures/go.ts';
import { java } from './signatures/java.ts';
import { javascript } from './signatures/javascript.ts';
import { kotlin } from './signatures/kotlin.ts';
import { markdown } from './signatures/markdown.ts';
import { python } from './signatures/python.ts';
import { rust } from './signatures/rust.ts';
import type { SignatureLanguage } from './signatures/signature-language.ts';

const LANGUAGES: readonly SignatureLanguage[] = [javascript, java, kotlin, python, go, rust, cLike, markdown];
const BY_EXTENSION = new Map(
  LANGUAGES.flatMap((language) => language.extensions.map((extension) => [extension, language] as const)),
);

/** Enough to call what a file offers. */
const MAX_LINES = 120;
const MAX_LINE_LENGTH = 240;

/**
 * The declarations of a source file without their bodies, in the file's order; empty for a language that is not known.
 * It goes by lines: good enough to choose files and to call what they export.
 */
export function signaturesOf(path: string, text: string, maxLines = MAX_LINES): string {
  const language = BY_EXTENSION.get(extensionOf(path));
  if (!language) return '';
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (!language.keeps(line)) continue;
    lines.push(language.shorten(line).slice(0, MAX_LINE_LENGTH));
    if (lines.length === maxLines) break;
  }
  return lines.join('\n');
}

/** Whether files of this name hold source that signaturesOf reads. */
export const isSource = (path: string): boolean => extensionOf(path) !== 'md' && BY_EXTENSION.has(extensionOf(path));

const extensionOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1).toLowerCase();
