/** A change that people merged. */
export interface MergedChange {
  readonly module: string | null;
  readonly language: string | null;
  readonly paths: readonly string[];
}

/** What most merged changes of a module or language have in common. */
export interface Pattern {
  /** What makes it the same pattern, whatever its numbers. */
  readonly sameAs: string;
  readonly text: string;
  readonly module: string | null;
  readonly language: string | null;
  readonly evidence: string;
}

/** Merged changes of which most have to agree before it is a pattern. */
const MERGED = 5;
const MOST = 0.8;

const TEST = /(^|\/)(tests?|spec|__tests__)\/|[._-](test|spec)\.|Tests?\.(java|kt|cs|scala)$/i;

/** By language, and by module where there is one. A pattern of a whole language is not told again of its modules. */
export function patternsOf(changes: readonly MergedChange[]): Pattern[] {
  const ofLanguages = groups(changes, ({ language }) => JSON.stringify([null, language]));
  const ofModules = groups(
    changes.filter(({ module }) => module !== null),
    ({ module, language }) => JSON.stringify([module, language]),
  );
  const wide = ofLanguages.flatMap(patternsOfGroup);
  const narrow = ofModules.flatMap(patternsOfGroup);
  const told = new Set(wide.map(({ sameAs, language }) => `${language} ${sameAs}`));
  return [...wide, ...narrow.filter(({ sameAs, language }) => !told.has(`${language} ${sameAs}`))];
}

interface Group {
  readonly module: string | null;
  readonly language: string | null;
  readonly changes: readonly MergedChange[];
}

function groups(changes: readonly MergedChange[], keyOf: (change: MergedChange) => string): Group[] {
  return [...Map.groupBy(changes, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => {
      const [module, language] = JSON.parse(key) as [string | null, string | null];
      return { module, language, changes: members };
    });
}

function patternsOfGroup({ module, language, changes }: Group): Pattern[] {
  const all = changes.length;
  if (all < MERGED) return [];
  const found: Pattern[] = [];
  const add = (sameAs: string, count: number, text: string): void => {
    const evidence = `${count} of ${all} merged changes`;
    if (count >= all * MOST) found.push({ sameAs, text: `${text} (${count} of ${all}).`, module, language, evidence });
  };
  const withTests = changes.filter(({ paths }) => paths.some((path) => TEST.test(path)));
  const folder = mostFrequent(
    withTests.flatMap(({ paths }) => [...new Set(paths.filter((path) => TEST.test(path)).map(folderOf))]),
  );
  add(
    'tests',
    withTests.length,
    `Changes that people merge here come with tests${folder === null ? '' : `, usually in ${folder}`}`,
  );
  for (const [path, count] of frequent(changes.flatMap(({ paths }) => [...new Set(paths)])))
    if (!TEST.test(path)) add(`along ${path}`, count, `Changes that people merge here also change ${path}`);
  const most = Math.max(...changes.map(({ paths }) => paths.length));
  const size = sizeOf(changes, all);
  // A limit that holds for each change says nothing that the largest of them does not.
  if (size < most || most <= 3)
    add(
      'size',
      changes.filter(({ paths }) => paths.length <= size).length,
      `Changes that people merge here are small: at most ${size} ${size === 1 ? 'file' : 'files'}`,
    );
  return found;
}

/** So many files has the change that MOST of them are no larger than. */
function sizeOf(changes: readonly MergedChange[], all: number): number {
  const sizes = changes.map(({ paths }) => paths.length).sort((a, b) => a - b);
  return sizes[Math.ceil(all * MOST) - 1] ?? 0;
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

/** The most frequent first; of the same count, by name. */
function frequent(texts: readonly string[]): [text: string, count: number][] {
  return [...Map.groupBy(texts, (text) => text)]
    .map(([text, members]): [string, number] => [text, members.length])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

const mostFrequent = (texts: readonly string[]): string | null => frequent(texts.filter(Boolean))[0]?.[0] ?? null;
