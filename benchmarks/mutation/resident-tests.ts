/**
 * As much of vitest's interface as the tests of the budget use, for tests that stay loaded while mutants come and go:
 * loading a test file takes ten times as long as running it. Test files get this module where they ask for vitest; what
 * they expect is checked by vitest's own `expect`.
 */
export { expect } from 'vitest';

type Work = () => unknown;
type Hook = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';

interface Suite {
  readonly file: string;
  readonly hooks: Record<Hook, Work[]>;
  readonly tests: { readonly id: string; readonly name: string; readonly work: Work }[];
  /** Why its preparation failed. */
  broken?: string | undefined;
}

export interface TestOutcome {
  readonly id: string;
  readonly name: string;
  readonly fileName: string;
  readonly timeSpentMs: number;
  /** Undefined: it passed. */
  readonly failure: string | undefined;
}

const suites: Suite[] = [];
let file = '';
let current: { suite: Suite; name: string } | undefined;

/** Loads a test file and prepares its suites: what they declare and open is kept until `close`. */
export async function load(path: string): Promise<void> {
  file = path;
  await import(path);
  for (const suite of suites.filter((one) => one.file === path)) suite.broken = await failureOf(suite.hooks.beforeAll);
}

export async function close(): Promise<void> {
  for (const { hooks } of suites) await failureOf(hooks.afterAll);
}

export function describe(name: string, declare: Work): void {
  if (current) throw new Error(`"${name}" is inside of "${current.name}": not needed so far`);
  const suite = { file, hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] }, tests: [] };
  suites.push(suite);
  current = { suite, name };
  declare();
  current = undefined;
}

export function it(name: string, work: Work): void {
  if (!current) throw new Error(`"${name}" is in no suite: not needed so far`);
  const { suite, name: suiteName } = current;
  const full = `${suiteName} > ${name}`;
  suite.tests.push({ id: `${suite.file}#${full}`, name: full, work });
}
it.each =
  (rows: readonly unknown[]) =>
  (name: string, work: (...row: never[]) => unknown): void =>
    rows.forEach((row, i) => {
      it(`${name} (${i})`, () => work(...((Array.isArray(row) ? row : [row]) as never[])));
    });

const hook =
  (kind: Hook) =>
  (work: Work): void => {
    current?.suite.hooks[kind].push(work);
  };
export const [beforeAll, beforeEach] = [hook('beforeAll'), hook('beforeEach')];
export const [afterEach, afterAll] = [hook('afterEach'), hook('afterAll')];

/** Runs the tests with these ids, or all; ends with the first that fails where `bail` is set. */
export async function runTests(options: {
  readonly ids: readonly string[] | undefined;
  readonly bail: boolean;
  readonly started: (id: string | undefined) => void;
}): Promise<TestOutcome[]> {
  const wanted = options.ids && new Set(options.ids);
  const outcomes: TestOutcome[] = [];
  for (const { file: fileName, hooks, tests, broken } of suites) {
    const chosen = tests.filter(({ id }) => wanted === undefined || wanted.has(id));
    if (chosen.length === 0) continue;
    for (const { id, name, work } of chosen) {
      const start = performance.now();
      options.started(id);
      const failure = broken ?? (await failureOf([...hooks.beforeEach, work], hooks.afterEach));
      options.started(undefined);
      outcomes.push({ id, name, fileName, timeSpentMs: performance.now() - start, failure });
      if (failure !== undefined && options.bail) break;
    }
    if (options.bail && outcomes.at(-1)?.failure !== undefined) break;
  }
  return outcomes;
}

/** Errors that nobody waits for: of the test that runs when they come. */
let stray: unknown;
for (const kind of ['unhandledRejection', 'uncaughtException'] as const)
  process.on(kind, (error: unknown) => {
    stray = error;
  });

async function failureOf(steps: readonly Work[], always: readonly Work[] = []): Promise<string | undefined> {
  let failure: string | undefined;
  stray = undefined;
  try {
    for (const step of steps) await step();
    if (stray !== undefined) throw stray;
  } catch (error) {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  for (const step of always) await step();
  return failure;
}
