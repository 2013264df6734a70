import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { z } from 'zod';
import { plainText } from '../findings/plain-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';

const JestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(''),
      status: z.string().default(''),
      assertionResults: z
        .array(
          z.object({
            ancestorTitles: z.array(z.string()).default([]),
            title: z.string(),
            status: z.string(),
            duration: z.number().nullish(),
            failureMessages: z.array(z.string()).nullish(),
          }),
        )
        .default([]),
    }),
  ),
});

const MAX_MESSAGE = 2_000;

/** What `jest --json --outputFile` writes. Throws on anything else. */
export function readJestJson(text: string, layout: BoxLayout): TestResult[] {
  const tests: TestResult[] = [];
  for (const file of JestReport.parse(JSON.parse(text)).testResults) {
    const path = file.name.startsWith(`${layout.work}/`) ? file.name.slice(layout.work.length + 1) : file.name;
    // A file that does not even load has no tests: it counts as one that failed.
    if (file.assertionResults.length === 0 && file.status === 'failed')
      tests.push({
        id: testId([path]),
        status: 'failed',
        file: path,
        message: plainText(file.message, layout).slice(0, MAX_MESSAGE),
      });
    for (const test of file.assertionResults) {
      if (tests.length >= MAX_TESTS) return tests;
      const status = test.status === 'passed' ? 'passed' : test.status === 'failed' ? 'failed' : 'skipped';
      const message = plainText(test.failureMessages?.join('\n') ?? '', layout).slice(0, MAX_MESSAGE);
      tests.push({
        id: testId([path, ...test.ancestorTitles, test.title]),
        status,
        file: path,
        ...(test.duration != null && test.duration >= 0 ? { durationMs: test.duration } : {}),
        ...(status === 'failed' && message !== '' ? { message } : {}),
      });
    }
  }
  return tests;
}
