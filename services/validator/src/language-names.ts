/** Languages of source that checks can read. `tsx` also reads JSX. */
export type Language = 'javascript' | 'typescript' | 'tsx' | 'python' | 'go' | 'java' | 'kotlin' | 'rust';

/** Languages that rules can look at. */
export type RuleLanguage = Language | 'yaml';

const SOURCE: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  typescript: ['ts', 'mts', 'cts'],
  tsx: ['tsx'],
  python: ['py'],
  go: ['go'],
  java: ['java'],
  kotlin: ['kt', 'kts'],
  rust: ['rs'],
};

export const RULE_LANGUAGES = ['yaml', ...(Object.keys(SOURCE) as Language[])] as [RuleLanguage, ...RuleLanguage[]];

/** By the file's name; null: none that can be read. */
export function languageOf(path: string): Language | null {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return (Object.keys(SOURCE) as Language[]).find((language) => SOURCE[language].includes(extension)) ?? null;
}

/** As languageOf, for rules. */
export const ruleLanguageOf = (path: string): RuleLanguage | null =>
  /\.ya?ml$/i.test(path) ? 'yaml' : languageOf(path);
