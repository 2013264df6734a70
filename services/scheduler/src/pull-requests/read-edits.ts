/** What people changed in one place of our change before they merged it. */
export interface Edit {
  readonly path: string;
  readonly removed: string;
  readonly added: string;
}

const MAX_EDITS = 20;
const MAX_LINES = 6;
const MAX_CHARACTERS = 300;

/** The places of a unified diff where lines were replaced, removed or added, in the files of our change. */
export function readEdits(diff: string, ours: ReadonlySet<string>): Edit[] {
  const edits: Edit[] = [];
  let path: string | null = null;
  let removed: string[] = [];
  let added: string[] = [];
  const close = () => {
    if (path !== null && ours.has(path) && removed.length + added.length > 0 && edits.length < MAX_EDITS)
      edits.push({ path, removed: shortened(removed), added: shortened(added) });
    removed = [];
    added = [];
  };
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) {
      close();
      path = null;
    } else if (line.startsWith('+++ ')) path = line === '+++ /dev/null' ? path : line.slice('+++ b/'.length);
    else if (line.startsWith('--- ')) path = line === '--- /dev/null' ? null : line.slice('--- a/'.length);
    else if (line.startsWith('-')) {
      // A new place begins where removals follow additions.
      if (added.length > 0) close();
      removed.push(line.slice(1));
    } else if (line.startsWith('+')) added.push(line.slice(1));
    else close();
  }
  close();
  return edits;
}

const shortened = (lines: readonly string[]): string =>
  lines
    .slice(0, MAX_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
    .slice(0, MAX_CHARACTERS);
