const MAX_PART = 300;

/**
 * The id of a test: the same in every run. Parts of names that differ from run to run (addresses, ids, temporary paths,
 * ports) are replaced, so that a test that names them is not taken for another one.
 */
export function testId(parts: readonly string[]): string {
  return parts
    .map(stablePart)
    .filter((part) => part !== '')
    .join(' > ');
}

function stablePart(part: string): string {
  return part
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>')
    .replace(/\b0x[0-9a-f]{6,}\b/gi, '<address>')
    .replace(/@[0-9a-f]{6,8}\b/g, '@<hash>')
    .replace(/\/tmp\/[^\s'"]+/g, '<tmp>')
    .replace(/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?Z?\b/g, '<time>')
    .replace(/\b1[6-9]\d{8}(\d{3})?\b/g, '<time>')
    .slice(0, MAX_PART);
}

/** Tests of one name in one place get a number, in order: none is lost. */
export function numberRepeats<T extends { readonly id: string }>(tests: readonly T[]): T[] {
  const seen = new Map<string, number>();
  return tests.map((test) => {
    const count = (seen.get(test.id) ?? 0) + 1;
    seen.set(test.id, count);
    return count === 1 ? test : { ...test, id: `${test.id} #${count}` };
  });
}

const MAX_REPEATED = 20;

/** Ids that more than one report gives, a few of them. */
export function repeatedAcross(reports: readonly (readonly { readonly id: string }[])[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const report of reports) {
    const ids = new Set(report.map((test) => test.id));
    for (const id of ids) (seen.has(id) ? repeated : seen).add(id);
  }
  return [...repeated].slice(0, MAX_REPEATED);
}
