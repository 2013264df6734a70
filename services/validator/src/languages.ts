import { createRequire } from 'node:module';
import { Lang, parse, registerDynamicLanguage, type SgNode } from '@ast-grep/napi';

/** Languages that checks can read. `tsx` also reads JSX. */
export type Language = 'javascript' | 'typescript' | 'tsx' | 'python' | 'go' | 'java' | 'kotlin' | 'rust';

export const EXTENSIONS: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  typescript: ['ts', 'mts', 'cts'],
  tsx: ['tsx'],
  python: ['py'],
  go: ['go'],
  java: ['java'],
  kotlin: ['kt', 'kts'],
  rust: ['rs'],
};

const BUILT_IN = { javascript: Lang.JavaScript, typescript: Lang.TypeScript, tsx: Lang.Tsx } as const;

/** A longer file is not read as a tree: parsing time grows with it, and the text is written by a model. */
const MAX_CHARACTERS = 1_000_000;

// Once a process is all that the library allows; modules are loaded once.
const require = createRequire(import.meta.url);
registerDynamicLanguage(
  Object.fromEntries(
    Object.keys(EXTENSIONS)
      .filter((language) => !(language in BUILT_IN))
      .map((language) => [language, require(`@ast-grep/lang-${language}`)]),
  ),
);

/** By the file's name; null: none that can be read. */
export function languageOf(path: string): Language | null {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  for (const [language, extensions] of Object.entries(EXTENSIONS))
    if (extensions.includes(extension)) return language as Language;
  return null;
}

/** The syntax tree of a text; null if it is too long. Broken syntax gives a tree with ERROR nodes. */
export function parseSource(language: Language, text: string): SgNode | null {
  if (text.length > MAX_CHARACTERS) return null;
  const name = language in BUILT_IN ? BUILT_IN[language as keyof typeof BUILT_IN] : language;
  return parse(name, text).root();
}
