import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';

/** What the tests that ran say about a criterion. */
export interface CriterionResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The tests that a specification names for a criterion ("test/cache.test.js: expires entries"), found among those that
 * ran: by the test's name, else by its file. null: none of them can be found.
 */
export function testsOf(shownBy: string, tests: readonly TestResult[] | null): CriterionResult | null {
  const wanted = fold(shownBy);
  const named = (tests ?? []).filter((test) => mentions(wanted, lastName(test.id)));
  const found =
    named.length > 0
      ? named
      : (tests ?? []).filter((test) => test.file !== undefined && mentions(wanted, fold(test.file)));
  if (found.length === 0) return null;
  const count = (status: TestResult['status']) => found.filter((test) => test.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

const MIN_NAME = 6;

/** Short names ("add") would be found in any sentence. */
const mentions = (text: string, name: string): boolean => name.length >= MIN_NAME && text.includes(name);

/** The test's own name: ids begin with suite and file. */
const lastName = (id: string): string => fold(id.split(/ > |::|#| \u203a /).at(-1) ?? id);

const fold = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();
