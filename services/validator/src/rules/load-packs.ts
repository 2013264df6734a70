import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRule, parseYaml } from './parse-rule.ts';
import { type Pack, PackText, type Rule } from './rule.ts';

const FOLDER = join(import.meta.dirname, 'packs');
const PACK_FILE = 'pack.yml';

let packs: Promise<readonly Pack[]> | null = null;

/** The packs that are shipped: one folder each, with pack.yml and one file a rule. Read once a process. */
export function loadPacks(): Promise<readonly Pack[]> {
  packs ??= readdir(FOLDER).then((names) => Promise.all(names.sort().map(readPack)));
  return packs;
}

async function readPack(name: string): Promise<Pack> {
  const folder = join(FOLDER, name);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yml') && file !== PACK_FILE).sort();
  const about = required(parseYaml(await readFile(join(folder, PACK_FILE), 'utf8'), `${name}/${PACK_FILE}`, PackText));
  const rules = await Promise.all(
    files.map(
      async (file): Promise<Rule> =>
        required(parseRule(await readFile(join(folder, file), 'utf8'), `${name}/${file}`, name)),
    ),
  );
  return { ...about, rules: rules.map((rule) => withUtils(rule, about)) };
}

function required<T>({ value, problems }: { readonly value: T | null; readonly problems: readonly object[] }): T {
  if (value === null) throw new Error(`a rule that is shipped is wrong: ${JSON.stringify(problems)}`);
  return value;
}

/** The rule with the utility rules of its pack, in the languages that have them. */
function withUtils(rule: Rule, { utils }: PackText): Rule {
  if (utils === undefined) return rule;
  return {
    ...rule,
    match: rule.match.flatMap((match) =>
      match.languages.map((language) => ({
        ...match,
        languages: [language],
        utils: { ...utils[language], ...match.utils },
      })),
    ),
  };
}
