import type { TestResult } from '@orchestrator/shared/contracts/verdict.ts';
import { z } from 'zod';
import { plainText } from '../findings/plain-text.ts';
import type { BoxLayout } from '../sandbox/sandbox.ts';
import { locate } from './locate.ts';
import { MAX_TESTS } from './stream-parser.ts';
import { testId } from './test-id.ts';

const MAX_MESSAGE = 2_000;

/** A line of kit/node-report.mjs. */
const NodeTest = z.object({
  path: z.array(z.string()).min(1).max(40),
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
  status: z.enum(['passed', 'failed', 'skipped']),
  ms: z.number().nonnegative().optional(),
  message: z.string().optional(),
});

/** What our reporter for `node --test` writes. Throws on anything else. */
export function readNodeEvents(text: string, layout: BoxLayout): TestResult[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, MAX_TESTS)
    .map((line) => {
      const test = NodeTest.parse(JSON.parse(line));
      const relative = (path: string) =>
        path.startsWith(`${layout.work}/`) ? path.slice(layout.work.length + 1) : path;
      const file = test.file === undefined ? undefined : relative(test.file);
      const message = plainText(test.message ?? '', layout).slice(0, MAX_MESSAGE);
      const place = locate(message, file) ?? (file === undefined ? null : { file, line: test.line });
      const path = test.path.map(relative);
      return {
        // A file that does not load is reported as a test of its own name.
        id: testId(file === undefined || path[0] === file ? path : [file, ...path]),
        status: test.status,
        ...(test.ms === undefined ? {} : { durationMs: Math.round(test.ms) }),
        ...(message === '' ? {} : { message }),
        ...(place?.file === undefined ? {} : { file: place.file }),
        ...(place?.line === undefined ? {} : { line: place.line }),
      };
    });
}
