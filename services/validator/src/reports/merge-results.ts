import type { TestResult, TestTotals } from '@orchestrator/shared/contracts/verdict.ts';
import type { z } from 'zod';

/** The first run's results, where a test that failed and then passed counts as passed, and is named as flaky. */
export function mergeReruns(
  first: readonly TestResult[],
  second: readonly TestResult[],
): { tests: TestResult[]; flaky: string[] } {
  const passed = new Map(second.filter((test) => test.status === 'passed').map((test) => [test.id, test]));
  const flaky: string[] = [];
  const tests = first.map((test) => {
    const again = test.status === 'failed' ? passed.get(test.id) : undefined;
    if (again !== undefined) flaky.push(test.id);
    return again ?? test;
  });
  return { tests, flaky };
}

export function totalsOf(tests: readonly TestResult[]): z.infer<typeof TestTotals> {
  const count = (status: TestResult['status']) => tests.filter((test) => test.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}
