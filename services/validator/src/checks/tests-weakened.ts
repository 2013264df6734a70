import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { type Check, textOf } from '../check.ts';
import { readTestSource } from '../test-code/declared-tests.ts';
import { isTestFile } from '../test-code/test-source.ts';

/** Comparisons of floating-point sums. */
const SLACK = 0.01;

/** Existing tests keep asserting as much as they did, and new ones assert something. */
export default {
  id: 'tests-weakened',
  run({ written }) {
    const findings: Finding[] = [];
    for (const { path, content, before } of written) {
      const after = textOf(content);
      const now = after === null ? null : readTestSource(path, after);
      if (now === null) continue;
      const old = before === null ? null : readTestSource(path, textOf(before) ?? '');
      const strengths = new Map(old?.tests.map((test) => [test.name, test.strength]) ?? []);
      for (const test of now.tests) {
        const add = (code: string, message: string) =>
          findings.push({
            check: 'policy.tests-weakened',
            code,
            severity: 'error',
            message,
            file: path,
            line: test.line,
          });
        const was = strengths.get(test.name);
        if (was !== undefined && test.strength < was - SLACK)
          add(
            'TEST_WEAKENED',
            `The test "${test.name}" asserts less than before: assertions were removed, made looser, put under a condition, or can no longer fail. Keep what it asserts; change the code so that it passes.`,
          );
        else if (was === undefined && test.hollow && isTestFile(path))
          add('TEST_HOLLOW', `The test "${test.name}" cannot fail. Assert what the code has to do.`);
      }
    }
    return findings;
  },
} satisfies Check;
