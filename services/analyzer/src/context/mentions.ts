import type { TaskView } from '@orchestrator/shared/pipeline/stage.ts';

/** What a task's text says that can be looked for in a repository. */
export interface Mentions {
  /** Written as paths or file names, as they stand in the text. */
  readonly paths: readonly string[];
  /** Names of code: in backticks, or written like code (camelCase, snake_case, PascalCase, a.b). */
  readonly identifiers: readonly string[];
  /** Lower-case words of the title and the text that carry meaning. */
  readonly words: readonly string[];
}

const PATH = /(?:[\w@.-]+\/)+[\w@.-]+|\b[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,9}\b/g;
const CODE = /`([^`\n]{1,200})`/g;
const NAME = /[A-Za-z_$][\w$]*/g;
const LOOKS_LIKE_CODE = /^(?:[a-z]+[A-Z]|[A-Z][a-z0-9]+[A-Z]|[A-Za-z0-9]+_[A-Za-z0-9]|[A-Z]{2,}_)/;
const COMMON = new Set(
  `about above after again against all also always another any are because been before being below between both but can cannot could does done each every file files for from get given has have how into its just least like made make makes more most must never new none not now only other over own same should shown since some such than that the their them then there these they this those through under until use used uses using very want was were what when where which while who whole will with within without would you your
  overview requirements success criteria related documentation task test tests code function return returns value values true false null undefined string number array object class method import export const`.split(
    /\s+/,
  ),
);

export function mentionsOf(task: TaskView): Mentions {
  const text = `${task.title}\n${task.body}`;
  const code = [...text.matchAll(CODE)].map((match) => match[1] as string);
  const paths = new Set<string>();
  for (const [path] of text.matchAll(PATH)) paths.add(path.replace(/^\.\//, '').replace(/[.:]+$/, ''));

  const identifiers = new Set<string>();
  for (const [name] of code.join('\n').matchAll(NAME)) if (name.length >= 3) identifiers.add(name);
  for (const [name] of text.matchAll(NAME)) if (name.length >= 4 && LOOKS_LIKE_CODE.test(name)) identifiers.add(name);
  for (const word of COMMON) identifiers.delete(word);

  return { paths: [...paths], identifiers: [...identifiers], words: wordsOf(text) };
}

/** Lower-case words of three letters or more without the common ones; camelCase and snake_case fall apart. */
export function wordsOf(text: string): string[] {
  const apart = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const words = apart.match(/[a-z][a-z0-9]{2,}/g) ?? [];
  return [...new Set(words.filter((word) => !COMMON.has(word)).map(singular))];
}

const singular = (word: string): string =>
  word.length > 3 && !/(?:ss|us|is)$/.test(word) ? word.replace(/(?<=ss|x|ch|sh)es$|s$/, '') : word;
