import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { addedLines, type Check, textOf } from '../check.ts';
import { isTestFile, SKIPS, testNames } from '../test-code/test-source.ts';

/** Tests may be added and changed, not taken away or switched off: that is how a red suite is made green by cheating. */
export default {
  id: 'tests-removed',
  run({ written, deleted }) {
    const findings: Finding[] = [];
    const add = (code: string, message: string, file: string, line?: number) =>
      findings.push({
        check: 'policy.tests-removed',
        code,
        severity: 'error',
        message,
        file,
        ...(line === undefined ? {} : { line }),
      });

    // A test that is still somewhere was moved.
    const left = new Map<string, number>();
    for (const { path, content } of written)
      for (const name of testNames(path, textOf(content) ?? '')) left.set(name, (left.get(name) ?? 0) + 1);
    const before = [...written, ...deleted.map((file) => ({ ...file, content: null }))];
    for (const { path, before: old, content } of before) {
      if (!isTestFile(path) || old === null) continue;
      for (const name of testNames(path, textOf(old) ?? '')) {
        const count = left.get(name) ?? 0;
        left.set(name, count - 1);
        if (count <= 0)
          add(
            'TEST_REMOVED',
            `The test "${name}" was removed. Keep every existing test; change the code so that it passes.`,
            path,
          );
      }
      if (content === null && testNames(path, textOf(old) ?? '').length === 0)
        add('TEST_FILE_REMOVED', `${path} was removed. Keep every existing test file.`, path);
    }

    for (const file of written) {
      if (!isTestFile(file.path)) continue;
      for (const { line, text } of addedLines(file))
        if (SKIPS.some((skip) => skip.test(text)))
          add('TEST_SKIPPED', 'The line switches a test off or runs one alone. Let every test run.', file.path, line);
    }
    return findings;
  },
} satisfies Check;
