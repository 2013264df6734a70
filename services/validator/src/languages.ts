import { createRequire } from 'node:module';
import { Lang, parse, registerDynamicLanguage, type SgNode } from '@ast-grep/napi';
import { RULE_LANGUAGES, type RuleLanguage } from './language-names.ts';

export { type Language, languageOf } from './language-names.ts';

const BUILT_IN = { javascript: Lang.JavaScript, typescript: Lang.TypeScript, tsx: Lang.Tsx } as const;

/** A longer file is not read as a tree: parsing time grows with it, and the text is written by a model. */
const MAX_CHARACTERS = 1_000_000;

// Once a process is all that the library allows; modules are loaded once.
const require = createRequire(import.meta.url);
registerDynamicLanguage(
  Object.fromEntries(
    RULE_LANGUAGES.filter((language) => !(language in BUILT_IN)).map((language) => [
      language,
      require(`@ast-grep/lang-${language}`),
    ]),
  ),
);

/** The syntax tree of a text; null if it is too long. Broken syntax gives a tree with ERROR nodes. */
export function parseSource(language: RuleLanguage, text: string): SgNode | null {
  if (text.length > MAX_CHARACTERS) return null;
  const name = language in BUILT_IN ? BUILT_IN[language as keyof typeof BUILT_IN] : language;
  return parse(name, text).root();
}
