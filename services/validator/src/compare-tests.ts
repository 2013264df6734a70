import type { TestResult, Verdict } from '@orchestrator/shared/contracts/verdict.ts';

export interface TestComparison extends Omit<Verdict['tests'], 'flaky'> {
  /** Passed or failed before, switched off now. */
  readonly newlySkipped: readonly string[];
}

/** What became of each test. Where there was no report before, everything reported now is new. */
export function compareTests(base: readonly TestResult[] | null, head: readonly TestResult[] | null): TestComparison {
  const before = new Map((base ?? []).map((test) => [test.id, test.status]));
  const after = new Map((head ?? []).map((test) => [test.id, test.status]));
  const ids = (wanted: (id: string, status: TestResult['status'], old: TestResult['status'] | undefined) => boolean) =>
    [...after].filter(([id, status]) => wanted(id, status, before.get(id))).map(([id]) => id);
  const added = ids((_id, _status, old) => old === undefined);
  return {
    newlyFailed: ids((_id, status, old) => status === 'failed' && old !== 'failed'),
    knownFailed: ids((_id, status, old) => status === 'failed' && old === 'failed'),
    fixed: ids((_id, status, old) => status === 'passed' && old === 'failed'),
    newlySkipped: ids((_id, status, old) => status === 'skipped' && (old === 'passed' || old === 'failed')),
    added,
    missing: withoutMoved(
      [...before].filter(([id, status]) => status !== 'skipped' && !after.has(id)).map(([id]) => id),
      added,
    ),
  };
}

/** A test of the same name that is new elsewhere was moved with its file or class, not removed. */
function withoutMoved(missing: readonly string[], added: readonly string[]): string[] {
  const name = (id: string) => id.slice(id.lastIndexOf(' > ') + 1).replace(/ #\d+$/, '');
  const elsewhere = new Map<string, number>();
  for (const id of added) elsewhere.set(name(id), (elsewhere.get(name(id)) ?? 0) + 1);
  return missing.filter((id) => {
    const count = elsewhere.get(name(id)) ?? 0;
    elsewhere.set(name(id), count - 1);
    return count <= 0;
  });
}
