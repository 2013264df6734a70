import type { Finding } from '@orchestrator/shared/contracts/verdict.ts';
import type { Check } from '../check.ts';

/** A change stays small enough for a person to review, and is not empty. */
export default {
  id: 'size',
  run({ changeSet, written, changedLines, validate }) {
    const findings: Finding[] = [];
    const add = (code: string, message: string, file?: string) =>
      findings.push({
        check: 'policy.size',
        code,
        severity: 'error',
        message,
        ...(file === undefined ? {} : { file }),
      });
    const same = written.filter(({ content, before }) => before?.equals(content)).length;
    if (changeSet.files.length === same) add('NO_CHANGE', 'The change leaves every file as it was.');
    if (changeSet.files.length > validate.maxFiles)
      add(
        'TOO_MANY_FILES',
        `The change touches ${changeSet.files.length} files; ${validate.maxFiles} are allowed (validate.maxFiles).`,
      );
    if (changedLines > validate.maxChangedLines)
      add(
        'TOO_MANY_LINES',
        `The change adds and removes ${changedLines} lines; ${validate.maxChangedLines} are allowed (validate.maxChangedLines).`,
      );
    for (const { path, content } of written)
      if (content.length > validate.maxFileBytes)
        add(
          'FILE_TOO_LARGE',
          `${path} has ${content.length} bytes; ${validate.maxFileBytes} are allowed (validate.maxFileBytes).`,
          path,
        );
    return findings;
  },
} satisfies Check;
