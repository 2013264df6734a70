type Status =
  | 'Killed'
  | 'Timeout'
  | 'Survived'
  | 'NoCoverage'
  | 'RuntimeError'
  | 'CompileError'
  | 'Ignored'
  | 'Pending';

/** What is used of a report in the mutation testing elements' schema. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: Status }[] }>>;
}

export interface Figures {
  readonly mutants: number;
  readonly killed: number;
  /** Never ended: most of them are loops without an end. Counted as noticed, and shown apart. */
  readonly timedOut: number;
  readonly survived: number;
  /** No test came along: counted as survived. */
  readonly notCovered: number;
  /** Percent that was noticed. */
  readonly score: number;
}

/** Adds up reports; `text` is a table of the files. */
export function summary(reports: readonly MutationReport[]): Figures & { readonly text: string } {
  const files = reports.flatMap((report) => Object.entries(report.files)).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = files.map(([path, { mutants }]) => line(path.split('/').at(-1) ?? path, count(mutants)));
  const all = count(files.flatMap(([, { mutants }]) => mutants));
  return { ...all, text: [...lines, line('all', all)].join('\n') };
}

function count(mutants: readonly { readonly status: Status }[]): Figures {
  const of = (...wanted: Status[]): number => mutants.filter(({ status }) => wanted.includes(status)).length;
  const [killed, timedOut, survived, notCovered] = [of('Killed'), of('Timeout'), of('Survived'), of('NoCoverage')];
  // A mutant that cannot even be loaded or was ignored says nothing.
  const valid = killed + timedOut + survived + notCovered;
  const score = valid === 0 ? 100 : Number(((100 * (killed + timedOut)) / valid).toFixed(2));
  return { mutants: valid, killed, timedOut, survived, notCovered, score };
}

const line = (name: string, { mutants, killed, timedOut, survived, notCovered, score }: Figures): string =>
  `${name.padEnd(20)} ${score.toFixed(2).padStart(6)} %  of ${mutants}: ${killed} killed, ${timedOut} timed out, ${survived} survived, ${notCovered} not covered`;
