import { nearestOf } from '@orchestrator/shared/config/problem.ts';
import { findCycles } from './dependencies.ts';
import { readEntries } from './entries.ts';
import type { ParsedTask, ParsedTaskFile } from './parsed-task.ts';
import { type Finding, finding, type Problem } from './problem.ts';
import { type ReadEntry, readEntry } from './read-entry.ts';
import { decodeTaskFile, normaliseText } from './source-text.ts';

/** Ten thousand long tasks fit; more is not a backlog. */
export const MAX_FILE_CHARACTERS = 33_554_432;

/**
 * Reads a task file (docs/tasks.md). Never throws: what is wrong is returned with its place, the tasks concerned are left
 * out, and the others are complete. `file` is its path in the repository.
 */
export function parseTaskFile(text: string, file: string): ParsedTaskFile {
  const steps = parsing(text, file);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same for the bytes of a file, in slices of time: a backlog of thousands does not hold up the process. */
export async function readTaskFile(bytes: Uint8Array, file: string): Promise<ParsedTaskFile> {
  const decoded = decodeTaskFile(bytes);
  if ('problem' in decoded) return { tasks: [], problems: [{ ...decoded.problem, file }], keys: [], complete: false };
  const steps = parsing(decoded.text, file);
  for (let sliceEnds = performance.now() + 20; ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < sliceEnds) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEnds = performance.now() + 20;
  }
}

function* parsing(given: string, file: string): Generator<void, ParsedTaskFile> {
  const text = normaliseText(given);
  if (text.length > MAX_FILE_CHARACTERS) {
    const tooLong = finding('FILE_TOO_LONG', { line: 1 }, { characters: text.length, limit: MAX_FILE_CHARACTERS });
    return { tasks: [], problems: [{ ...tooLong, file }], keys: [], complete: false };
  }
  // Each entry is read at once, so that its syntax tree can be forgotten.
  const read: { entry: ReadEntry; isNote: boolean }[] = [];
  let hasSections = false;
  const walk = readEntries(text);
  let step = walk.next();
  for (; !step.done; step = walk.next()) {
    const { kind, markers } = step.value;
    hasSections ||= kind === 'section';
    read.push({ entry: readEntry(text, step.value, file), isNote: kind === 'item' && markers.length === 0 });
    yield;
  }
  // Boxes in a file of "## Task:" sections are notes of its authors, unless they are marked as tasks.
  const entries = read.filter(({ isNote }) => !(hasSections && isNote)).map(({ entry }) => entry);
  return settle(entries, step.value, file);
}

function settle(
  read: readonly ReadEntry[],
  rest: { findings: Finding[]; complete: boolean },
  file: string,
): ParsedTaskFile {
  const found = new Map<ReadEntry, Finding[]>(read.map((entry) => [entry, [...entry.findings]]));
  const first = new Map<string, ReadEntry>();
  for (const entry of read) {
    if (entry.key === null) continue;
    // Branches of two ids that differ in case only are one and the same on many file systems.
    const earlier = first.get(entry.key.toLowerCase());
    if (earlier) found.get(entry)?.push(repeated(entry, earlier));
    else first.set(entry.key.toLowerCase(), entry);
  }
  const unique = new Map([...first.values()].map((entry) => [entry.key as string, entry]));
  checkDependencies(unique, found);

  const problems = rest.findings.map((problem): Problem => ({ ...problem, file }));
  for (const [entry, findings] of found) {
    const task = entry.key ?? entry.task.title;
    problems.push(...findings.map((problem): Problem => ({ ...problem, file, ...(task === '' ? {} : { task }) })));
  }
  problems.sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0));
  const tasks = read
    .filter((entry) => found.get(entry)?.length === 0)
    .map(({ task }, position): ParsedTask => ({ ...task, position }));
  return { tasks, problems, keys: [...unique.keys()], complete: rest.complete };
}

const repeated = (entry: ReadEntry, earlier: ReadEntry): Finding =>
  entry.derived
    ? finding('TITLE_REPEATED', entry.idPlace, { title: entry.task.title.slice(0, 80), first: earlier.task.line })
    : finding('ID_DUPLICATE', entry.idPlace, { other: earlier.key, first: earlier.task.line });

function checkDependencies(entries: ReadonlyMap<string, ReadEntry>, found: ReadonlyMap<ReadEntry, Finding[]>): void {
  const edges = new Map<string, readonly string[]>();
  const ids = [...entries.keys()];
  for (const [id, entry] of entries) {
    const report = (code: Finding['code'], detail: Record<string, unknown>) =>
      found.get(entry)?.push(finding(code, entry.dependsOnPlace, { id, ...detail }));
    edges.set(
      id,
      entry.task.dependsOn.filter((dependency) => dependency !== id),
    );
    for (const dependency of entry.task.dependsOn) {
      if (dependency === id) report('DEPENDENCY_SELF', {});
      else if (!entries.has(dependency)) report('DEPENDENCY_UNKNOWN', { dependency, advice: suggest(dependency, ids) });
    }
  }
  for (const cycle of findCycles(edges)) {
    const spelled = spell(cycle);
    for (const id of cycle) {
      const entry = entries.get(id) as ReadEntry;
      found.get(entry)?.push(finding('DEPENDENCY_CYCLE', entry.dependsOnPlace, { cycle: spelled }));
    }
  }
}

function spell(cycle: readonly string[]): string {
  const shown = cycle.length <= 12 ? cycle : [...cycle.slice(0, 10), `(${cycle.length - 10} more)`];
  return [...shown, cycle[0]].join(' -> ');
}

function suggest(dependency: string, ids: readonly string[]): string {
  // Comparing with every id of a huge backlog, for every mistake in it, would take minutes.
  const near = ids.length <= 2_000 ? nearestOf(dependency, ids) : undefined;
  return near ? `Did you mean ${near}?` : 'Add that task, or remove it from TASK_DEPENDS_ON.';
}
