/**
 * Recognises lines by which a model leaves code out, such as `// ... rest of the code unchanged`. Written into a file
 * they would delete what they stand for, so the guard refuses them, unless the file held that very line before.
 */
const MARKER = String.raw`(?:\/\/+|#+|--+|\/\*+|\*+|<!--|;+|%+|\{\s*\/\*|"""|\bREM\b)`;
const CLOSER = String.raw`(?:\*\/\s*\}?|-->|""")?`;
const DOTS = String.raw`(?:\.{3,}|…)`;
const NOUN =
  '(?:code|file|class|function|functions|method|methods|implementation|module|imports?|content|contents|logic|tests?|fields?|properties|members|cases|component|lines|body|stuff)';
const LEFT_OUT = '(?:rest|existing|unchanged|remaining|remainder|previous|other|original|same|omitted)';

const PATTERNS: readonly RegExp[] = [
  // "// ...", "/* … */"
  new RegExp(String.raw`^${MARKER}\s*[\[(]?\s*${DOTS}\s*[\])]?\s*${CLOSER}$`, 'i'),
  // "# ... existing code ...", "// ... (rest of the class) ..."
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*${DOTS}\s*[\[(]?(?:(?:the|all|keep|keeping|and|your) )*${LEFT_OUT}\b(?:\s*[\])]?\s*${CLOSER}$|.*\b(?:${NOUN}|unchanged|same|before|here|above|below)\b|.*${DOTS}\s*[\])]?\s*${CLOSER}$)`,
    'i',
  ),
  // "// existing code...", "# rest of the file ..."
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*(?:(?:the|all|keep|your) )*${LEFT_OUT} (?:of (?:the |this |your )?)?(?:\w+ )?${NOUN}\b.*${DOTS}\s*[\])]?\s*${CLOSER}$`,
    'i',
  ),
  // "// rest of the code", "# the remainder of this file stays the same"
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*(?:the )?(?:rest|remainder) of (?:the |this |your )?(?:\w+ ){0,2}${NOUN}\b`,
    'i',
  ),
  // "// existing code", "// other methods unchanged"
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*(?:the )?(?:existing|unchanged|previous|original) ${NOUN}(?: (?:here|goes here|unchanged|remains?|stays?|as before))?\s*[\])]?\s*${CLOSER}$`,
    'i',
  ),
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*(?:the |all )?(?:rest|remaining|other|existing)\b.*\b(?:unchanged|the same|as before)\b`,
    'i',
  ),
  new RegExp(
    String.raw`^${MARKER}\s*[\[(]?\s*(?:unchanged|same as before|no changes?(?: here)?)\s*[\])]?\.?\s*${CLOSER}$`,
    'i',
  ),
  new RegExp(String.raw`^${MARKER}.*\bomitted for (?:brevity|clarity)\b`, 'i'),
  // "... rest of the code unchanged", without a comment marker
  new RegExp(
    String.raw`^[\[(]?\s*${DOTS}\s*\(?(?:the )?(?:rest|existing|remaining|unchanged|other|same)\b.*\b(?:${NOUN}|unchanged|same)\b`,
    'i',
  ),
];

/** Languages in which a line of three dots alone means something. */
const BARE_DOTS_ALLOWED = /\.(?:pyi?|md|markdown|mdx|txt|rst|adoc|ya?ml|hs|ipynb)$/i;

export function isElision(line: string, path: string): boolean {
  const text = line.trim();
  if (text === '' || text.length > 300) return false;
  if (/^(?:\.{3}|…)$/.test(text)) return !BARE_DOTS_ALLOWED.test(path);
  // In prose files "# The rest of the file" is a heading and "- existing tests stay the same" a list.
  if (/\.(?:md|markdown|mdx|txt|rst|adoc)$/i.test(path) && !/\.{3}|…/.test(text)) return false;
  return PATTERNS.some((pattern) => pattern.test(text));
}
